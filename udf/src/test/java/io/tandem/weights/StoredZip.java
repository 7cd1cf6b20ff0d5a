package io.tandem.weights;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32;

/**
 * Writes zip archives of stored entries as torch.save does: numbers aligned to 64 bytes, zip64
 * where it is needed.
 */
final class StoredZip implements AutoCloseable {

  private static final int ALIGNMENT = 64;
  private static final long LIMIT = 0xffffffffL;

  /** Whether archives that would fit a plain zip are written as zip64 all the same. */
  enum Form {
    AS_NEEDED,
    ZIP64
  }

  private final FileChannel channel;
  private final Form form;
  private final ByteArrayOutputStream directory = new ByteArrayOutputStream();
  private int entries;

  StoredZip(Path path, Form form) throws IOException {
    this.channel =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    this.form = form;
  }

  void add(String name, byte[] content) throws IOException {
    add(name, ByteBuffer.wrap(content));
  }

  void add(String name, ByteBuffer content) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(content.duplicate());
    header(name, content.remaining(), (int) crc.getValue());
    write(content.duplicate());
  }

  /** Adds zeros that take no space on the disk, with a wrong checksum. */
  void addHole(String name, long bytes) throws IOException {
    header(name, bytes, 0);
    channel.position(channel.position() + bytes);
  }

  /** Writes the local header of an entry and notes it for the directory. */
  private void header(String name, long bytes, int crc) throws IOException {
    byte[] path = name.getBytes(StandardCharsets.UTF_8);
    long offset = channel.position();
    int padding = (int) (-(offset + 30 + path.length + 4) & (ALIGNMENT - 1));
    ByteBuffer local = buffer(30 + path.length + 4 + padding).putInt(0x04034b50);
    local.putShort((short) 45).putInt(0).putInt(0).putInt(crc);
    local.putInt((int) bytes).putInt((int) bytes);
    local.putShort((short) path.length).putShort((short) (4 + padding)).put(path);
    write(local.putShort((short) 0x4246).putShort((short) padding).rewind());
    boolean large = form == Form.ZIP64 || offset >= LIMIT;
    ByteBuffer header = buffer(46 + path.length + (large ? 28 : 0));
    header.putInt(0x02014b50).putShort((short) 45).putShort((short) 45).putInt(0).putInt(0);
    header.putInt(crc);
    header.putInt(large ? -1 : (int) bytes).putInt(large ? -1 : (int) bytes);
    header.putShort((short) path.length).putShort((short) (large ? 28 : 0)).putShort((short) 0);
    header.putShort((short) 0).putShort((short) 0).putInt(0);
    header.putInt(large ? -1 : (int) offset).put(path);
    if (large) {
      header.putShort((short) 1).putShort((short) 24).putLong(bytes).putLong(bytes).putLong(offset);
    }
    directory.writeBytes(header.array());
    entries++;
  }

  /** Writes the directory. */
  @Override
  public void close() throws IOException {
    long offset = channel.position();
    write(ByteBuffer.wrap(directory.toByteArray()));
    long end = channel.position();
    boolean large = form == Form.ZIP64 || end >= LIMIT;
    if (large) {
      ByteBuffer record = buffer(56 + 20).putInt(0x06064b50).putLong(44);
      record.putShort((short) 45).putShort((short) 45).putInt(0).putInt(0);
      record.putLong(entries).putLong(entries).putLong(directory.size()).putLong(offset);
      record.putInt(0x07064b50).putInt(0).putLong(end).putInt(1);
      write(record.rewind());
    }
    ByteBuffer record = buffer(22).putInt(0x06054b50).putInt(0);
    record.putShort((short) entries).putShort((short) entries).putInt(directory.size());
    write(record.putInt(large ? -1 : (int) offset).putShort((short) 0).rewind());
    channel.close();
  }

  private void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
