package io.tandem.run;

import static io.tandem.base.Checks.check;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tandem.run.WaveFiles.Home;
import io.tandem.wave.Wave;
import java.io.Serializable;
import java.time.Instant;

/**
 * What {@code _waves/N.json} says of a committed wave.
 *
 * @param runId the run that it belongs to
 * @param wave its samples; each has one row in the files of images
 * @param writeId stands in the footer of each of its files
 * @param files that hold the wave; others in their folders are not part of it
 * @param sums for the summary
 * @param committed when
 */
public record WaveRecord(
    String runId, Wave wave, String writeId, WaveFiles files, WaveSums sums, Instant committed)
    implements Serializable {

  private static final String KIND = "tandem-wave";
  private static final int VERSION = 1;

  /** Says where the images are; stands in records of tables alone. */
  private static final String HOME = "images_in";

  private static final String TABLE = "table";

  public WaveRecord {
    RunId.checked(runId);
    check(!writeId.isEmpty(), "Cannot record wave %d without a write id", wave.number());
    long rows =
        files.home() == Home.TABLE && files.images().isEmpty()
            ? sums.rows()
            : DataFile.rows(files.images());
    check(
        rows == wave.images() && sums.rows() == rows,
        "Cannot record wave %d: its files have %d rows and its sums are of %d, but samples %d to %d"
            + " are %d",
        wave.number(),
        rows,
        sums.rows(),
        wave.first(),
        wave.end() - 1,
        wave.images());
  }

  byte[] bytes() {
    ObjectNode json = Fields.written(KIND, VERSION);
    json.put("run_id", runId)
        .put("wave", wave.number())
        .put("first_sample", wave.first())
        .put("end_sample", wave.end())
        .put("rows", sums.rows())
        .put("failed", sums.failed())
        .put("write_id", writeId);
    if (files.home() == Home.TABLE) {
      json.put(HOME, TABLE);
    }
    ArrayNode images = json.putArray("images");
    files.images().forEach(file -> file.write(images));
    ArrayNode latency = json.putArray("latency");
    files.latency().forEach(file -> file.write(latency));
    json.put("work_ns", sums.workNanos())
        .put("wall_ns", sums.wallNanos())
        .put("committed", committed.toString());
    return Fields.bytes(json);
  }

  /**
   * Returns the record in {@code content}.
   *
   * @param file what messages call it
   * @throws io.tandem.base.UserError if it is none, or makes no sense
   */
  static WaveRecord read(String file, byte[] content) {
    return Fields.read(file, content, KIND, VERSION).made(WaveRecord::read);
  }

  private static WaveRecord read(Fields fields) {
    Wave wave =
        new Wave(
            fields.index("wave"), fields.number("first_sample", 0), fields.number("end_sample", 1));
    WaveFiles files =
        new WaveFiles(
            fields.list("images", DataFile::read),
            fields.list("latency", DataFile::read),
            fields.has(HOME) && fields.text(HOME).equals(TABLE) ? Home.TABLE : Home.FILES);
    WaveSums sums =
        new WaveSums(
            fields.number("rows", 0),
            fields.number("failed", 0),
            fields.number("work_ns", 0),
            fields.number("wall_ns", 0));
    return new WaveRecord(
        fields.text("run_id"),
        wave,
        fields.text("write_id"),
        files,
        sums,
        fields.instant("committed"));
  }
}
