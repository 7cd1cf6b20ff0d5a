package io.tandem.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the stored entries of a zip archive and where their bytes lie in the file, so that they can
 * be mapped.
 *
 * <p>Reads zip and zip64 (PKWARE APPNOTE 6.3, sections 4.3 and 4.5.3), no compression and no
 * encryption. Entries that overlap or lie outside the file are refused: nothing an archive claims
 * can make it larger than its file.
 */
final class ZipDirectory {

  static final int MAX_ENTRIES = 100_000;

  private static final String CUT = "The file is cut short or damaged: copy or download it again.";
  private static final String RESAVE = "Save it again with torch.save.";

  private static final int END = 0x06054b50;
  private static final int END_BYTES = 22;
  private static final int END_64 = 0x06064b50;
  private static final int END_64_BYTES = 56;
  private static final int LOCATOR_64 = 0x07064b50;
  private static final int LOCATOR_64_BYTES = 20;
  private static final int ENTRY = 0x02014b50;
  private static final int ENTRY_BYTES = 46;
  private static final int LOCAL = 0x04034b50;
  private static final int LOCAL_BYTES = 30;
  private static final int EXTRA_64 = 1;
  private static final int MAX_COMMENT = 0xffff;
  private static final int MAX_DIRECTORY_BYTES = 64 << 20;
  private static final long IN_EXTRA = 0xffffffffL;

  /**
   * One stored entry.
   *
   * @param name path in the archive
   * @param header position of its local header in the file
   * @param offset position of its first byte in the file
   * @param bytes number of its bytes
   */
  record Entry(String name, long header, long offset, long bytes) {}

  private record Directory(long offset, long bytes, long entries) {}

  private final MappedFile file;

  private ZipDirectory(MappedFile file) {
    this.file = file;
  }

  /**
   * Returns the entries by name, in the order of the archive's directory. What lies in a folder
   * {@code code} at the second level is left out: those are the sources of a TorchScript archive,
   * which may be compressed and are never read.
   *
   * @throws io.tandem.base.UserError if the archive is damaged, compressed or larger than its file
   */
  static Map<String, Entry> read(MappedFile file) {
    return new ZipDirectory(file).entries();
  }

  private Map<String, Entry> entries() {
    Directory directory = directory();
    Map<String, Entry> entries = new LinkedHashMap<>();
    ByteBuffer headers = file.map(directory.offset, directory.bytes);
    for (long i = 0; i < directory.entries; i++) {
      Entry entry = entry(headers, directory.offset);
      if (entries.put(entry.name, entry) != null) {
        throw Refusal.of(
            file.origin(), "two zip entries are called '%s'. %s", shown(entry), RESAVE);
      }
    }
    checkOverlaps(entries);
    entries.keySet().removeIf(ZipDirectory::isSource);
    return entries;
  }

  private Directory directory() {
    int tailBytes = (int) Math.min(file.bytes(), END_BYTES + MAX_COMMENT);
    long tailOffset = file.bytes() - tailBytes;
    ByteBuffer tail = file.copy(tailOffset, tailBytes);
    int end = tailBytes - END_BYTES;
    while (end >= 0 && !isEnd(tail, end)) {
      end--;
    }
    if (end < 0) {
      throw Refusal.of(
          file.origin(), "it starts as a zip archive but has no zip directory. %s", CUT);
    }
    long limit = tailOffset + end;
    Directory directory =
        new Directory(
            unsigned(tail.getInt(end + 16)),
            unsigned(tail.getInt(end + 12)),
            Short.toUnsignedLong(tail.getShort(end + 10)));
    long locator = limit - LOCATOR_64_BYTES;
    if (locator >= 0 && file.copy(locator, Integer.BYTES).getInt() == LOCATOR_64) {
      limit = file.copy(locator + 8, Long.BYTES).getLong();
      directory = directory64(limit, locator);
    }
    return checked(directory, limit);
  }

  private static boolean isEnd(ByteBuffer tail, int end) {
    int comment = tail.limit() - end - END_BYTES;
    return tail.getInt(end) == END && Short.toUnsignedInt(tail.getShort(end + 20)) == comment;
  }

  private Directory directory64(long end, long locator) {
    if (end < 0 || end > locator - END_64_BYTES || file.copy(end, 4).getInt() != END_64) {
      throw Refusal.of(file.origin(), "its zip64 directory is not where it says. %s", CUT);
    }
    ByteBuffer record = file.copy(end, END_64_BYTES);
    return new Directory(record.getLong(48), record.getLong(40), record.getLong(32));
  }

  private Directory checked(Directory directory, long limit) {
    if (directory.entries < 0 || directory.entries > MAX_ENTRIES) {
      throw Refusal.of(
          file.origin(),
          "its zip directory claims %s entries (at most %d). %s",
          Long.toUnsignedString(directory.entries),
          MAX_ENTRIES,
          RESAVE);
    }
    boolean inside =
        directory.offset >= 0
            && directory.bytes >= directory.entries * ENTRY_BYTES
            && directory.bytes <= MAX_DIRECTORY_BYTES
            && directory.offset <= limit - directory.bytes;
    if (!inside) {
      throw Refusal.of(
          file.origin(),
          "its zip directory claims %s bytes from byte %s on, which lie outside the file. %s",
          Long.toUnsignedString(directory.bytes),
          Long.toUnsignedString(directory.offset),
          CUT);
    }
    return directory;
  }

  /** Reads the next header of the directory, which starts at {@code limit} in the file. */
  private Entry entry(ByteBuffer headers, long limit) {
    int at = headers.position();
    if (headers.remaining() < ENTRY_BYTES || headers.getInt(at) != ENTRY) {
      throw damagedDirectory();
    }
    int nameBytes = Short.toUnsignedInt(headers.getShort(at + 28));
    int extraBytes = Short.toUnsignedInt(headers.getShort(at + 30));
    int commentBytes = Short.toUnsignedInt(headers.getShort(at + 32));
    if (headers.remaining() < ENTRY_BYTES + nameBytes + extraBytes + commentBytes) {
      throw damagedDirectory();
    }
    byte[] nameText = new byte[nameBytes];
    headers.get(at + ENTRY_BYTES, nameText);
    String name = new String(nameText, StandardCharsets.UTF_8);
    long[] sizes = {
      unsigned(headers.getInt(at + 24)),
      unsigned(headers.getInt(at + 20)),
      unsigned(headers.getInt(at + 42))
    };
    fillFromExtra(headers.slice(at + ENTRY_BYTES + nameBytes, extraBytes), sizes);
    headers.position(at + ENTRY_BYTES + nameBytes + extraBytes + commentBytes);
    checkStored(name, headers.getShort(at + 8), headers.getShort(at + 10), sizes);
    return located(name, sizes[2], sizes[1], limit);
  }

  /** Replaces sizes that did not fit 32 bits by those of the zip64 extra field, in its order. */
  private void fillFromExtra(ByteBuffer extra, long[] sizes) {
    extra.order(ByteOrder.LITTLE_ENDIAN);
    while (extra.remaining() >= 4) {
      int id = Short.toUnsignedInt(extra.getShort());
      int length = Math.min(Short.toUnsignedInt(extra.getShort()), extra.remaining());
      int next = extra.position() + length;
      if (id == EXTRA_64) {
        for (int i = 0; i < sizes.length; i++) {
          if (sizes[i] == IN_EXTRA && next - extra.position() >= Long.BYTES) {
            sizes[i] = extra.getLong();
          }
        }
        return;
      }
      extra.position(next);
    }
  }

  private static boolean isSource(String name) {
    return name.matches("[^/]+/code/.*");
  }

  private void checkStored(String name, int flags, int method, long[] sizes) {
    if (isSource(name)) {
      return;
    }
    if (method != 0 || sizes[0] != sizes[1]) {
      throw Refusal.of(
          file.origin(),
          "zip entry '%s' is compressed, %s bytes that claim to become %s (torch.save stores "
              + "entries as they are). %s",
          Refusal.shown(name),
          Long.toUnsignedString(sizes[1]),
          Long.toUnsignedString(sizes[0]),
          RESAVE);
    }
    if ((flags & 1) != 0) {
      throw Refusal.of(
          file.origin(), "zip entry '%s' is encrypted. %s", Refusal.shown(name), RESAVE);
    }
  }

  private Entry located(String name, long header, long bytes, long limit) {
    if (header < 0 || bytes < 0 || header > limit - LOCAL_BYTES) {
      throw outside(name, header, bytes);
    }
    ByteBuffer local = file.copy(header, LOCAL_BYTES);
    if (local.getInt(0) != LOCAL) {
      throw Refusal.of(
          file.origin(), "zip entry '%s' has no header at byte %d. %s", shown(name), header, CUT);
    }
    long names = Short.toUnsignedLong(local.getShort(26));
    long offset = header + LOCAL_BYTES + names + Short.toUnsignedLong(local.getShort(28));
    if (offset > limit || bytes > limit - offset) {
      throw outside(name, header, bytes);
    }
    return new Entry(name, header, offset, bytes);
  }

  private void checkOverlaps(Map<String, Entry> entries) {
    List<Entry> byPosition = new ArrayList<>(entries.values());
    byPosition.sort(Comparator.comparingLong(Entry::header));
    for (int i = 1; i < byPosition.size(); i++) {
      Entry before = byPosition.get(i - 1);
      Entry entry = byPosition.get(i);
      if (before.offset + before.bytes > entry.header) {
        throw Refusal.of(
            file.origin(),
            "zip entries '%s' and '%s' overlap, as in a zip bomb. %s",
            shown(before),
            shown(entry),
            RESAVE);
      }
    }
  }

  private RuntimeException outside(String name, long header, long bytes) {
    return Refusal.of(
        file.origin(),
        "zip entry '%s' claims %s bytes from byte %s on, which lie outside the file. %s",
        shown(name),
        Long.toUnsignedString(bytes),
        Long.toUnsignedString(header),
        CUT);
  }

  private RuntimeException damagedDirectory() {
    return Refusal.of(file.origin(), "its zip directory is damaged. %s", CUT);
  }

  private static String shown(Entry entry) {
    return shown(entry.name);
  }

  private static String shown(String name) {
    return Refusal.shown(name);
  }

  private static long unsigned(int value) {
    return Integer.toUnsignedLong(value);
  }
}
