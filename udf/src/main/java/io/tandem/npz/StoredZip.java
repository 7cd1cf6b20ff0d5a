package io.tandem.npz;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/**
 * A zip of entries that are stored, not compressed, and whose sizes are known before their content.
 *
 * <p>The JDK's writer wants the checksum of a stored entry before its content; here it is patched
 * in afterwards, so that content of any size streams through. Entries bear no time of day: the same
 * content gives the same file.
 *
 * @see <a href="https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT">APPNOTE.TXT, sections
 *     4.3 and 4.5.3</a>
 */
final class StoredZip implements AutoCloseable {

  /** The first size or offset that 32 bits do not hold: all ones mean "see the 64-bit record". */
  static final long ZIP64_FROM = 0xffffffffL;

  private static final int ALL_ONES = -1;
  private static final short VERSION = 20;
  private static final short VERSION_ZIP64 = 45;
  private static final short ZIP64_FIELD = 1;
  private static final int CHECKSUM_AT = 14;

  /** 1 January 1980, the first day that zip knows: month and day. */
  private static final short FIRST_DAY = 1 << 5 | 1;

  private record Entry(String name, long size, long offset, int checksum) {}

  private final FileChannel channel;
  private final long zip64From;
  private final List<Entry> entries = new ArrayList<>();
  private final CRC32 checksum = new CRC32();
  private String name;
  private long size;
  private long offset;

  StoredZip(FileChannel channel, long zip64From) {
    this.channel = channel;
    this.zip64From = zip64From;
  }

  /** Starts an entry of exactly {@code size} bytes. */
  void begin(String name, long size) throws IOException {
    this.name = name;
    this.size = size;
    offset = channel.position();
    checksum.reset();
    boolean wide = size >= zip64From;
    ByteBuffer header = NpzWriter.littleEndian(64 + name.length());
    header.putInt(0x04034b50);
    putCommon(header, wide ? VERSION_ZIP64 : VERSION, 0, wide ? ALL_ONES : (int) size);
    header.putShort((short) name.length()).putShort((short) (wide ? 20 : 0));
    header.put(ascii(name));
    if (wide) {
      header.putShort(ZIP64_FIELD).putShort((short) 16).putLong(size).putLong(size);
    }
    writeAll(header.flip());
  }

  /** Writes content of the entry that was begun. */
  void write(ByteBuffer content) throws IOException {
    checksum.update(content.duplicate());
    writeAll(content);
  }

  /** Ends the entry; its content must be complete. */
  void end() throws IOException {
    ByteBuffer value = NpzWriter.littleEndian(Integer.BYTES);
    value.putInt((int) checksum.getValue()).flip();
    channel.write(value, offset + CHECKSUM_AT);
    entries.add(new Entry(name, size, offset, (int) checksum.getValue()));
  }

  /** Writes the directory of all entries and closes the file. */
  void finish() throws IOException {
    long start = channel.position();
    for (Entry entry : entries) {
      writeAll(directoryRecord(entry));
    }
    writeAll(endOfDirectory(start, channel.position() - start));
    channel.close();
  }

  private ByteBuffer directoryRecord(Entry entry) {
    boolean wideSize = entry.size() >= zip64From;
    boolean wideOffset = entry.offset() >= zip64From;
    int wideBytes = (wideSize ? 16 : 0) + (wideOffset ? 8 : 0);
    short version = wideBytes > 0 ? VERSION_ZIP64 : VERSION;
    ByteBuffer out = NpzWriter.littleEndian(80 + entry.name().length());
    out.putInt(0x02014b50).putShort(version);
    putCommon(out, version, entry.checksum(), wideSize ? ALL_ONES : (int) entry.size());
    out.putShort((short) entry.name().length());
    out.putShort((short) (wideBytes > 0 ? 4 + wideBytes : 0));
    out.putShort((short) 0).putShort((short) 0).putShort((short) 0).putInt(0);
    out.putInt(wideOffset ? ALL_ONES : (int) entry.offset());
    out.put(ascii(entry.name()));
    if (wideBytes > 0) {
      out.putShort(ZIP64_FIELD).putShort((short) wideBytes);
    }
    if (wideSize) {
      out.putLong(entry.size()).putLong(entry.size());
    }
    if (wideOffset) {
      out.putLong(entry.offset());
    }
    return out.flip();
  }

  /** The fields that a local header and a directory record share. */
  private static void putCommon(ByteBuffer out, short version, int checksum, int size) {
    out.putShort(version).putShort((short) 0).putShort((short) 0);
    out.putShort((short) 0).putShort(FIRST_DAY);
    out.putInt(checksum).putInt(size).putInt(size);
  }

  private ByteBuffer endOfDirectory(long start, long bytes) {
    int count = entries.size();
    boolean wideCount = count >= 0xffff;
    ByteBuffer out = NpzWriter.littleEndian(128);
    if (wideCount || start >= zip64From || bytes >= zip64From) {
      out.putInt(0x06064b50).putLong(44).putShort(VERSION_ZIP64).putShort(VERSION_ZIP64);
      out.putInt(0).putInt(0).putLong(count).putLong(count).putLong(bytes).putLong(start);
      out.putInt(0x07064b50).putInt(0).putLong(start + bytes).putInt(1);
    }
    short shortCount = (short) (wideCount ? ALL_ONES : count);
    out.putInt(0x06054b50).putShort((short) 0).putShort((short) 0);
    out.putShort(shortCount).putShort(shortCount);
    out.putInt(bytes >= zip64From ? ALL_ONES : (int) bytes);
    out.putInt(start >= zip64From ? ALL_ONES : (int) start).putShort((short) 0);
    return out.flip();
  }

  private static byte[] ascii(String name) {
    return name.getBytes(StandardCharsets.US_ASCII);
  }

  private void writeAll(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
