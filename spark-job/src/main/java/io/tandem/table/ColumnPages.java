package io.tandem.table;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.EncodingStats;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.internal.column.columnindex.OffsetIndex;

/**
 * The pages of a column in one row group, byte by byte: contents by their checksums, headers by
 * what the footer and the offset index say, which somebody else vouches for. No byte is left out.
 */
final class ColumnPages {

  private final ColumnChunkMetaData chunk;
  private final ColumnDescriptor column;
  private final OffsetIndex index;
  private final long groupRows;
  private final byte[] bytes;
  private final List<String> faults = new ArrayList<>();
  private final Map<Encoding, Integer> dataPages = new EnumMap<>(Encoding.class);
  private long values;
  private long plainBytes;

  private ColumnPages(
      ColumnChunkMetaData chunk,
      ColumnDescriptor column,
      OffsetIndex index,
      long groupRows,
      byte[] bytes) {
    this.chunk = chunk;
    this.column = column;
    this.index = index;
    this.groupRows = groupRows;
    this.bytes = bytes;
  }

  /**
   * Returns what is wrong with the pages of a column.
   *
   * @param in the file, whose position is changed
   * @param groupRows the rows of the row group
   */
  static List<String> faults(
      FSDataInputStream in,
      ColumnChunkMetaData chunk,
      ColumnDescriptor column,
      OffsetIndex index,
      long groupRows)
      throws IOException {
    byte[] bytes = new byte[Math.toIntExact(chunk.getTotalSize())];
    in.readFully(chunk.getStartingPos(), bytes);
    ColumnPages pages = new ColumnPages(chunk, column, index, groupRows, bytes);
    pages.check();
    return pages.faults;
  }

  private void check() {
    long start = chunk.getStartingPos();
    int dictionaryBytes = Math.toIntExact(index.getOffset(0) - start);
    if (dictionaryBytes > 0) {
      checkPage("dictionary page", 0, dictionaryBytes, PageType.DICTIONARY_PAGE);
    }
    for (int page = 0; page < index.getPageCount(); page++) {
      long last = index.getLastRowIndex(page, groupRows);
      checkPage(
          "page %d (rows %d to %d of the row group)"
              .formatted(page, index.getFirstRowIndex(page), last),
          Math.toIntExact(index.getOffset(page) - start),
          index.getCompressedPageSize(page),
          PageType.DATA_PAGE);
    }
    // Only what all pages tell together; a page with a fault of its own may have told nothing.
    if (faults.isEmpty()) {
      checkTotals();
    }
  }

  private void checkTotals() {
    expect("values", chunk.getValueCount(), values);
    expect("bytes before compression", chunk.getTotalUncompressedSize(), plainBytes);
    EncodingStats stats = chunk.getEncodingStats();
    for (Encoding encoding : stats.getDataEncodings()) {
      expect(
          "pages of encoding " + encoding,
          stats.getNumDataPagesEncodedAs(encoding),
          dataPages.getOrDefault(encoding, 0));
    }
  }

  private void expect(String what, long expected, long found) {
    if (found != expected) {
      faults.add("its pages have %d %s, not %d".formatted(found, what, expected));
    }
  }

  private void checkPage(String name, int offset, int length, PageType type) {
    PageHeader header;
    byte[] canonical;
    try {
      header = Util.readPageHeader(new ByteArrayInputStream(bytes, offset, length));
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      Util.writePageHeader(header, out);
      canonical = out.toByteArray();
    } catch (IOException | RuntimeException e) {
      faults.add("the header of its " + name + " cannot be read");
      return;
    }
    CRC32 checksum = new CRC32();
    int start = offset + canonical.length;
    int content = length - canonical.length;
    if (content != header.getCompressed_page_size()
        || !startsWith(offset, canonical)
        || !header.isSetCrc()
        || !typical(header, type)) {
      faults.add("the header of its " + name + " is damaged");
      return;
    }
    checksum.update(bytes, start, content);
    if ((int) checksum.getValue() != header.getCrc()) {
      faults.add(
          "the checksum of its %s is %08x, not %08x"
              .formatted(name, (int) checksum.getValue(), header.getCrc()));
      return;
    }
    plainBytes += canonical.length + header.getUncompressed_page_size();
    if (type == PageType.DATA_PAGE) {
      values += header.getData_page_header().getNum_values();
      Encoding encoding = Encoding.valueOf(header.getData_page_header().getEncoding().name());
      dataPages.merge(encoding, 1, Integer::sum);
    }
  }

  private boolean startsWith(int offset, byte[] canonical) {
    return offset + canonical.length <= bytes.length
        && Arrays.equals(bytes, offset, offset + canonical.length, canonical, 0, canonical.length);
  }

  /** Returns whether a header has what the writer puts in, and levels encoded as it does. */
  private boolean typical(PageHeader header, PageType type) {
    if (header.getType() != type) {
      return false;
    }
    if (type == PageType.DICTIONARY_PAGE) {
      return header.isSetDictionary_page_header()
          && chunk
                  .getEncodingStats()
                  .getNumDictionaryPagesEncodedAs(
                      Encoding.valueOf(header.getDictionary_page_header().getEncoding().name()))
              == 1;
    }
    return header.isSetData_page_header()
        && levels(column.getMaxDefinitionLevel())
            .equals(header.getData_page_header().getDefinition_level_encoding().name())
        && levels(column.getMaxRepetitionLevel())
            .equals(header.getData_page_header().getRepetition_level_encoding().name());
  }

  private static String levels(int max) {
    return max == 0 ? "BIT_PACKED" : "RLE";
  }
}
