package dev.penstock.server.status;

/**
 * A whole response.
 *
 * @param isLate whether it is sent a second late, so that passwords cannot be guessed fast
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record StatusAnswer(byte[] bytes, boolean isLate) {}
