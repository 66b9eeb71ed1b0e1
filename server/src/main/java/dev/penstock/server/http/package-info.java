/**
 * HTTP/1.1 beside the Redis protocol: on the same event loops, over the same output queue and transfer modes, with the
 * same turns, limits of memory and counters.
 *
 * <p>Start at {@link dev.penstock.server.http.HttpProtocol#next}. It finds the head of a request with a {@link
 * dev.penstock.server.http.HeadScanner}, which also refuses what two parsers could understand in two ways; a {@link
 * dev.penstock.server.http.HeadDecoder} over Netty's decoder makes a {@link dev.penstock.server.http.RequestHead} of
 * it. {@link dev.penstock.server.http.Admission} decides whether the request is executed, and {@link
 * dev.penstock.server.http.HostNames} for which names of this host. {@link
 * dev.penstock.server.http.GetHandler}, {@link dev.penstock.server.http.Put}, {@link
 * dev.penstock.server.http.DeleteHandler} and {@link dev.penstock.server.http.Listing} execute it, and {@link
 * dev.penstock.server.http.Responses} begin what they answer. A {@link dev.penstock.server.http.Problem} that is thrown
 * anywhere becomes the response.
 *
 * <p>A value that is read goes from the store into the {@code OutputQueue}, behind the head of its response. A value
 * that is stored is a {@link dev.penstock.server.http.Body} on its way in: {@code SmallBody} waits in the buffer of the
 * requests, {@code LargeBody} goes from the socket into its file, and {@code ChunkedBody} begins as the one and may
 * become the other.
 *
 * <p>{@link dev.penstock.server.http.HttpService} is what the clients of one event loop share and belongs to its
 * thread. {@link dev.penstock.server.http.HttpOptions} is what all loops share: immutable, like the table of {@link
 * dev.penstock.server.http.ContentTypes}. There is no lock.
 *
 * <p>The package has 30 classes, as each part of the protocol, such as a range or an entity tag, is one.
 *
 * <p>Connections drive this package through {@code session.Protocol}; nothing else calls it, except that the
 * status port asks {@code HostNames}. It knows the Redis protocol only where both protocols need the same: buffers,
 * users and their rights.
 */
@NullMarked
package dev.penstock.server.http;

import org.jspecify.annotations.NullMarked;
