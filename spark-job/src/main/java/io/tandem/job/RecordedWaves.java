package io.tandem.job;

import io.tandem.run.DataFile;
import io.tandem.run.WaveRecord;
import io.tandem.run.WaveRecords;
import io.tandem.table.RecordedWave;
import io.tandem.table.WrittenFile;
import java.util.ArrayList;
import java.util.List;

/** What records say, in the words of the tables. */
final class RecordedWaves {

  private RecordedWaves() {}

  /** Returns all waves of a run that are committed, in their order. */
  static List<RecordedWave> of(WaveRecords records) {
    List<RecordedWave> waves = new ArrayList<>();
    records.forEach(record -> waves.add(of(record)));
    return waves;
  }

  static RecordedWave of(WaveRecord record) {
    return new RecordedWave(
        record.wave().number(),
        record.wave().first(),
        record.wave().end(),
        written(record.files().images(), record.writeId()),
        written(record.files().latency(), record.writeId()));
  }

  private static List<WrittenFile> written(List<DataFile> files, String writeId) {
    return files.stream()
        .map(
            file ->
                new WrittenFile(
                    file.name(), file.bytes(), file.rows(), writeId, file.footerSha256()))
        .toList();
  }
}
