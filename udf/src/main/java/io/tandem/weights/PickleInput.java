package io.tandem.weights;

import io.tandem.base.UserError;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Reads the operands of pickle opcodes; running out of bytes is the user's error. */
final class PickleInput {

  private final ByteBuffer bytes;
  private final String origin;

  PickleInput(ByteBuffer bytes, String origin) {
    this.bytes = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    this.origin = origin;
  }

  /** Returns how many bytes were read. */
  int position() {
    return bytes.position();
  }

  int unsignedByte() {
    require(1);
    return Byte.toUnsignedInt(bytes.get());
  }

  int unsignedShort() {
    require(2);
    return Short.toUnsignedInt(bytes.getShort());
  }

  int signedInt() {
    require(4);
    return bytes.getInt();
  }

  long unsignedInt() {
    return Integer.toUnsignedLong(signedInt());
  }

  long signedLong() {
    require(8);
    return bytes.getLong();
  }

  double bigEndianDouble() {
    return Double.longBitsToDouble(Long.reverseBytes(signedLong()));
  }

  /** Returns the next {@code length} bytes as text. */
  String utf8(long length) {
    return new String(array(length), StandardCharsets.UTF_8);
  }

  /** Returns the next {@code length} bytes. */
  byte[] array(long length) {
    require(length);
    byte[] array = new byte[(int) length];
    bytes.get(array);
    return array;
  }

  void skip(long length) {
    require(length);
    bytes.position(bytes.position() + (int) length);
  }

  /** Returns the text up to the next line feed, which is skipped. */
  String line() {
    int start = bytes.position();
    int end = start;
    while (end < bytes.limit() && bytes.get(end) != '\n') {
      end++;
    }
    String line = utf8(end - start);
    skip(1);
    return line;
  }

  /** Returns an error that tells where the pickle is damaged. */
  UserError damaged(String found) {
    return Refusal.of(
        origin,
        "its pickle is damaged at byte %d: %s. Copy or download the file again.",
        bytes.position(),
        found);
  }

  /** Returns an error about what the pickle asks for. */
  UserError refused(String found, Object... args) {
    return Refusal.of(origin, found, args);
  }

  private void require(long length) {
    if (length < 0 || length > bytes.remaining()) {
      throw damaged("it ends too early");
    }
  }
}
