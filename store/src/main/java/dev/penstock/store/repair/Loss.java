package dev.penstock.store.repair;

import dev.penstock.store.check.FindingCode;
import org.jspecify.annotations.Nullable;

/**
 * Something that a repair could not read, or did not expect.
 *
 * @param code what it is; a notice costs no data
 * @param file name of the file inside the damaged directory
 * @param offset offset in bytes from the start of the file
 * @param length bytes from there on that are affected; 0 if that is not known
 * @param key the key whose current value is lost; null if it is not legible
 * @param problem what is wrong there, in one sentence
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Loss(FindingCode code, String file, long offset, long length, byte @Nullable [] key, String problem) {}
