package io.tandem.weights;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes pickles opcode by opcode, also ones that no honest writer would make. */
final class PickleBytes {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  /** Starts a pickle of protocol 2. */
  static PickleBytes protocol2() {
    return new PickleBytes().op(0x80, 2);
  }

  PickleBytes op(int... opcodes) {
    for (int opcode : opcodes) {
      bytes.write(opcode);
    }
    return this;
  }

  PickleBytes ascii(String text) {
    bytes.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    return this;
  }

  PickleBytes text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    op('X');
    bytes.writeBytes(littleEndian(Integer.BYTES).putInt(utf8.length).array());
    bytes.writeBytes(utf8);
    return this;
  }

  PickleBytes number(long number) {
    op(0x8a, Long.BYTES);
    bytes.writeBytes(littleEndian(Long.BYTES).putLong(number).array());
    return this;
  }

  PickleBytes global(String module, String name) {
    return op('c').ascii(module + "\n" + name + "\n");
  }

  PickleBytes tuple(List<Long> numbers) {
    op('(');
    numbers.forEach(this::number);
    return op('t');
  }

  PickleBytes storage(String type, String key, long numbers) {
    op('(').text("storage").global("torch", type).text(key).text("cpu");
    return number(numbers).op('t', 'Q');
  }

  /** The same as torch before 1.6 wrote it: with what it is a view of, which is nothing. */
  PickleBytes oldStorage(String type, String key, long numbers) {
    op('(').text("storage").global("torch", type).text(key).text("cpu");
    return number(numbers).op('N', 't', 'Q');
  }

  /** An object of a TorchScript class; its attributes follow, then {@link #endObject}. */
  PickleBytes scriptObject(String type) {
    return global("__torch__", type).op(')', 0x81, '}', '(');
  }

  PickleBytes endObject() {
    return op('u', 'b');
  }

  /** A tensor that views {@code storage}, which must write one. */
  PickleBytes tensor(PickleBytes storage, long offset, List<Long> shape, List<Long> strides) {
    global("torch._utils", "_rebuild_tensor_v2").op('(');
    bytes.writeBytes(storage.bytes.toByteArray());
    number(offset).tuple(shape).tuple(strides).op(0x89);
    return global("collections", "OrderedDict").op(')', 'R', 't', 'R');
  }

  /** Appends what {@code other} wrote. */
  PickleBytes raw(PickleBytes other) {
    bytes.writeBytes(other.bytes.toByteArray());
    return this;
  }

  byte[] toBytes() {
    return bytes.toByteArray();
  }

  ByteBuffer toBuffer() {
    return ByteBuffer.wrap(toBytes());
  }

  private static ByteBuffer littleEndian(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
