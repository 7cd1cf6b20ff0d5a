package io.tandem.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunSamplesTest {

  @TempDir Path folder;

  @Test
  void samplesComeInOrderWhateverTheOrderOfFilesAndWaves() throws IOException {
    WrittenRun run = new WrittenRun(folder).write(50, 12);
    List<SampleKey> keys = new ArrayList<>();

    samples(run.recorded().get(3), run.recorded().get(0), run.recorded().get(1))
        .keys(40, keys::add);

    assertThat(keys)
        .extracting(SampleKey::sampleIndex)
        .containsExactlyElementsOf(
            LongStream.concat(LongStream.range(0, 24), LongStream.range(36, 40)).boxed().toList());
    assertThat(keys.get(4)).isEqualTo(new SampleKey(4, 1, Optional.of("ring"), Optional.empty()));
  }

  @Test
  void picturesAreThoseThatWentIn() throws IOException {
    WrittenRun run = new WrittenRun(folder).failing(2L, 30L).write(50, 12);
    RunSamples samples = samples(run.recorded().toArray(RecordedWave[]::new));
    List<PictureRow> all = new ArrayList<>();

    samples.pictures(50, all::add);

    assertThat(all).hasSize(48);
    assertThat(all)
        .allSatisfy(
            row -> {
              assertThat(row.pixels()).isEqualTo(run.picture(row.sample().sampleIndex()));
              assertThat(row.runId()).isEqualTo(WrittenRun.RUN_ID);
              assertThat(row.seed()).isEqualTo(-1);
            });
    assertThat(samples.pictures(new TreeSet<>(List.of(1L, 2L, 29L, 49L, 99L))))
        .extracting(row -> row.sample().sampleIndex())
        .containsExactly(1L, 29L, 49L);
    assertThat(samples.pictures(new TreeSet<>())).isEmpty();
  }

  @Test
  void aSampleThatIsThereTwiceIsAnError() throws IOException {
    RecordedWave wave = new WrittenRun(folder).write(12, 12).recorded().get(0);
    List<WrittenFile> twice = new ArrayList<>(wave.images());
    twice.add(wave.images().get(0));

    assertThatThrownBy(
            () ->
                samples(new RecordedWave(0, 0, 12, twice, List.of()))
                    .keys(12, key -> assertThat(key).isNotNull()))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("it is damaged (sample 6 follows sample ");
  }

  @Test
  void samplesOfAnotherWaveAreAnError() throws IOException {
    RecordedWave wave = new WrittenRun(folder).write(12, 12).recorded().get(0);

    assertThatThrownBy(
            () ->
                samples(new RecordedWave(0, 0, 8, wave.images(), List.of()))
                    .keys(12, key -> assertThat(key).isNotNull()))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("are not of its wave");
  }

  @Test
  void pixelsOfAnotherDigestAreAnError() throws IOException {
    WrittenRun run = new WrittenRun(folder).write(4, 12);
    PictureRow row = samples(run.recorded().get(0)).pictures(new TreeSet<>(List.of(3L))).get(0);
    PictureRow.Stored stored = row.picture();
    PictureRow wrong =
        new PictureRow(
            row.sample(),
            row.runId(),
            row.seed(),
            new PictureRow.Stored(
                stored.format(), stored.bytes(), stored.width(), stored.height(), "e".repeat(64)),
            row.tokensSha256());

    assertThatThrownBy(wrong::pixels)
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot read picture 'sample 3': its pixels are not those of its digest. tandem verify"
                + " tells what else is damaged.");
  }

  private RunSamples samples(RecordedWave... waves) {
    return new RunSamples(new Configuration(), folder.toString(), List.of(waves));
  }
}
