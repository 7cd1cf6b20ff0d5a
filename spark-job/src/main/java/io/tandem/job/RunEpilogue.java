package io.tandem.job;

import io.tandem.executor.ExecutorProbe;
import io.tandem.image.ContactSheet;
import io.tandem.image.PngCodec;
import io.tandem.image.RgbImage;
import io.tandem.job.GenerateResult.Ending;
import io.tandem.run.RunManifest;
import io.tandem.table.RecordedWave;
import io.tandem.table.RunLatency;
import io.tandem.table.RunRow;
import io.tandem.table.RunsTable;
import io.tandem.table.StoredPictures;
import io.tandem.table.WaveTables;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What is written when the waves of a start are done: nothing that a later start would need. */
final class RunEpilogue {

  /** Pixels of a sheet in one direction, more or less. */
  private static final int SHEET_PIXELS = 1400;

  private final GenerateJob job;
  private final GenerateStart.Place place;
  private final RunManifest manifest;
  private final List<RecordedWave> waves = new ArrayList<>();
  private final String root;

  RunEpilogue(GenerateJob job, GenerateStart.Place place, RunManifest manifest) {
    this.job = job;
    this.place = place;
    this.manifest = manifest;
    root = place.folder().root().toString();
    place.folder().records(manifest).forEach(record -> waves.add(RecordedWaves.of(record)));
  }

  /** Writes the row of this start, and for a complete run the contact sheet. */
  void write(GenerateResult result, ExecutorProbe.Finding finding, Instant begun) {
    if (result.ending() == Ending.DONE) {
      removeUnlisted();
      result.places().contactSheet().ifPresent(file -> writeSheet());
    }
    place
        .watch()
        .run(
            "summary",
            "summary",
            GenerateStart.RECORDS,
            () -> {},
            () -> RunsTable.append(place.spark().session(), root, row(result, finding, begun)));
  }

  private void removeUnlisted() {
    WaveTables tables =
        new WaveTables(place.spark().session(), root, manifest.runId(), place.lock()::check);
    for (RecordedWave wave : waves) {
      for (String name : tables.removeUnlisted(wave)) {
        job.companion().say("removed " + name + ", which no record lists");
      }
    }
  }

  private void writeSheet() {
    int side = job.order().models().imageSide();
    int columns = Math.max(1, Math.min(10, SHEET_PIXELS / side));
    List<StoredPictures.Picture> pictures =
        place
            .watch()
            .run(
                "sheet",
                "contact sheet",
                GenerateStart.RECORDS,
                () -> {},
                () -> firstPictures(columns * columns));
    if (pictures.isEmpty()) {
      return; // all of them failed
    }
    List<RgbImage> images = pictures.stream().map(StoredPictures.Picture::image).toList();
    List<String> captions =
        pictures.stream()
            .map(each -> each.className().orElse(String.valueOf(each.classId())))
            .toList();
    place.folder().writeContactSheet(PngCodec.encode(ContactSheet.of(images, captions, columns)));
  }

  private List<StoredPictures.Picture> firstPictures(int count) {
    try (RunImages images = RunImages.of(place.spark(), place.folder(), manifest, waves, count)) {
      return StoredPictures.first(place.spark().session(), images.root(), images.waves(), count);
    }
  }

  private RunRow row(GenerateResult result, ExecutorProbe.Finding finding, Instant begun) {
    return new RunRow(
        manifest.runId(),
        new RunRow.Ending(begun, Instant.now(), job.exitCode(result)),
        new RunRow.Setup(
            manifest.settings().options(),
            manifest.settings().identity(),
            job.order().decode().plan().toString()),
        manifest.settings().models().stream()
            .map(
                model ->
                    new RunRow.Weights(model.name(), model.origin(), model.bytes(), model.sha256()))
            .toList(),
        new RunRow.Place(finding.machine(), job.software().versions()),
        new RunRow.Result(
            result.images().committed() - result.images().failed(),
            result.images().failed(),
            result.made().imagesPerSecond(),
            RunLatency.percentiles(place.spark().session(), root, waves)));
  }
}
