package io.tandem.table;

import io.tandem.base.Reason;
import io.tandem.base.UserError;
import io.tandem.image.ImageFile;
import io.tandem.image.RgbImage;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.apache.parquet.example.data.Group;

/** Compares rows of images with the plan and with the digests that they hold themselves. */
final class ImageRowCheck implements FileCheck.RowCheck {

  private static final String SAMPLE = "sample_index";
  private static final String BATCH = "batch_id";

  private final FileReport report;
  private final ClassOfSample classes;
  private final RangeSet samples = new RangeSet();
  private final RangeSet batches = new RangeSet();
  private long lastBatch = -1;

  ImageRowCheck(FileReport report, ClassOfSample classes) {
    this.report = report;
    this.classes = classes;
  }

  @Override
  public List<String> columns() {
    return List.of(
        SAMPLE,
        "class_id",
        "image",
        "width",
        "height",
        "format",
        "pixels_sha256",
        "tokens_sha256",
        "status",
        BATCH,
        "batch_size",
        "batch_pos",
        "tokens",
        "latency");
  }

  @Override
  public List<String> keys() {
    return List.of(SAMPLE);
  }

  @Override
  public void skip(Group row) {
    samples.add(row.getLong(SAMPLE, 0));
    report.rows++;
  }

  @Override
  public void check(Group row) {
    skip(row);
    long sample = row.getLong(SAMPLE, 0);
    try {
      checkPlace(row, sample);
      checkLatency(row, sample);
      String status = Cell.text(row, "status").orElse("null");
      if (status.equals("ok")) {
        checkPicture(row, sample);
        checkTokens(row, sample);
      } else if (!status.equals("failed")) {
        report.foundAt(sample, "status is '%s' (ok or failed)".formatted(status));
      }
    } catch (RuntimeException e) {
      report.foundAt(sample, "the row cannot be read (%s)".formatted(Reason.of(e)));
    }
  }

  private void checkPlace(Group row, long sample) {
    SampleRange wave = report.task.samples();
    if (sample < wave.first() || sample >= wave.end()) {
      report.foundAt(sample, "it is not of this wave, which has samples %s".formatted(wave));
    }
    int expected = classes.classOf(sample);
    if (row.getInteger("class_id", 0) != expected) {
      report.foundAt(
          sample,
          "class_id is %d, the plan says %d".formatted(row.getInteger("class_id", 0), expected));
    }
    long size = row.getInteger("batch_size", 0);
    if (row.getLong(BATCH, 0) * size + row.getInteger("batch_pos", 0) != sample) {
      report.foundAt(
          sample,
          "it is not sample %d of batch %d"
              .formatted(row.getInteger("batch_pos", 0), row.getLong(BATCH, 0)));
    }
  }

  private void checkLatency(Group row, long sample) {
    Optional<Group> latency = Cell.struct(row, "latency");
    if (latency.isEmpty()) {
      return;
    }
    List<Group> scales = Cell.structs(latency.get(), "scales");
    LatencyRowCheck.TOTALS.forEach(
        column -> LatencyRowCheck.checkTime(report, sample, latency.get(), column));
    scales.forEach(scale -> LatencyRowCheck.checkTime(report, sample, scale, "ns"));
    long batch = row.getLong(BATCH, 0);
    if (!scales.isEmpty() && batch != lastBatch) {
      batches.add(batch);
      lastBatch = batch;
    }
  }

  private void checkPicture(Group row, long sample) {
    Optional<String> format = Cell.text(row, "format");
    Optional<byte[]> bytes = Cell.struct(row, "image").flatMap(image -> Cell.bytes(image, "bytes"));
    if (format.isEmpty() && bytes.isEmpty()) {
      return;
    }
    if (format.isEmpty() || bytes.isEmpty()) {
      report.foundAt(
          sample,
          "it has %s".formatted(bytes.isEmpty() ? "no picture" : "a picture without a format"));
      return;
    }
    int width = row.getInteger("width", 0);
    int height = row.getInteger("height", 0);
    RgbImage picture;
    try {
      picture =
          format.get().equals("raw")
              ? RgbImage.of(width, height, bytes.get())
              : ImageFile.decode(bytes.get(), "image");
    } catch (UserError | IllegalArgumentException e) {
      report.foundAt(sample, "its picture cannot be decoded (%s)".formatted(e.getMessage()));
      return;
    }
    report.pictures++;
    if (picture.width() != width || picture.height() != height) {
      report.foundAt(
          sample, "its picture has %s, the row says %d x %d".formatted(picture, width, height));
    }
    // JPEG does not give back the pixels that were hashed.
    if (!format.get().equals("jpeg")
        && !Cell.text(row, "pixels_sha256").equals(Optional.of(picture.sha256()))) {
      report.foundAt(sample, "pixels_sha256 is not that of its picture");
    }
  }

  private void checkTokens(Group row, long sample) {
    Optional<String> expected = Cell.text(row, "tokens_sha256");
    Optional<String> found =
        Cell.bytes(row, "tokens")
            .map(tokens -> HexFormat.of().formatHex(Footers.sha256().digest(tokens)));
    if (!found.equals(expected)) {
      report.foundAt(
          sample, found.isEmpty() ? "it has no tokens" : "tokens_sha256 is not that of its tokens");
    }
  }

  @Override
  public void end() {
    report.ranges(samples.ranges(), batches.ranges());
  }
}
