package io.tandem.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of the table; what Spark makes of them is for {@link TrainTableIT}. */
class TrainTableTest {

  @TempDir Path scratch;

  private Path folder;

  @BeforeEach
  void chooseFolder() {
    folder = scratch.resolve("out/train");
  }

  @Test
  void writesOneFileForEachFlush() throws IOException {
    TrainTable table = TrainTable.open(folder, "run-1", "var", 1);
    add(table, 1, 3);
    table.flush();
    table.flush();
    add(table, 4, 5);
    table.flush();
    add(table, 6, 6);

    assertThat(names())
        .containsExactly("var-000000001-000000003.parquet", "var-000000004-000000005.parquet");
    assertThat(steps()).containsExactly(1L, 2L, 3L, 4L, 5L);
  }

  @Test
  void keepsStepsThatArriveWithGaps() throws IOException {
    TrainTable table = TrainTable.open(folder, "run-1", "var", 1);
    table.add(TrainingRows.of(10));
    table.add(TrainingRows.of(20));
    table.flush();

    assertThat(names()).containsExactly("var-000000010-000000020.parquet");
    assertThat(steps()).containsExactly(10L, 20L);
  }

  @Test
  void repeatsTheStepsOfAKilledRunInTheSameFile() throws IOException {
    TrainTable killed = TrainTable.open(folder, "run-1", "var", 1);
    add(killed, 1, 5);
    killed.flush();
    add(killed, 6, 10);
    killed.flush();
    byte[] first = Files.readAllBytes(folder.resolve("var-000000006-000000010.parquet"));

    TrainTable resumed = TrainTable.open(folder, "run-1", "var", 6);
    List<Long> before = steps();
    add(resumed, 6, 10);
    resumed.flush();

    assertThat(before).containsExactly(1L, 2L, 3L, 4L, 5L);
    assertThat(names())
        .containsExactly("var-000000001-000000005.parquet", "var-000000006-000000010.parquet");
    assertThat(folder.resolve("var-000000006-000000010.parquet")).hasBinaryContent(first);
  }

  @Test
  void hasNoStepTwiceWhereTheResumedRunMakesItsCheckpointsElsewhere() throws IOException {
    TrainTable killed = TrainTable.open(folder, "run-1", "var", 1);
    add(killed, 1, 5);
    killed.flush();
    add(killed, 6, 10);
    killed.flush();

    TrainTable resumed = TrainTable.open(folder, "run-1", "var", 6);
    add(resumed, 6, 8);
    resumed.flush();
    add(resumed, 9, 13);
    resumed.flush();

    assertThat(steps()).containsExactlyElementsOf(LongStream.rangeClosed(1, 13).boxed().toList());
  }

  @Test
  void leavesOtherStagesAlone() throws IOException {
    TrainTable drafter = TrainTable.open(folder, "run-1", "var", 1);
    add(drafter, 1, 2);
    drafter.flush();
    TrainTable tuned = TrainTable.open(folder, "run-1", "var-n8", 1);
    add(tuned, 1, 2);
    tuned.flush();

    TrainTable.open(folder, "run-1", "var", 1);

    assertThat(names()).containsExactly("var-n8-000000001-000000002.parquet");
  }

  @Test
  void removesWhatAKilledRunLeftHalfWritten() throws IOException {
    Files.createDirectories(folder);
    Path unfinished = folder.resolve(".var-000000001-000000002.parquet.00ff00ff00ff00ff.tmp");
    Path ofAnother = folder.resolve(".tokenizer-000000001-000000002.parquet.00ff00ff00ff00ff.tmp");
    Files.write(unfinished, new byte[3]);
    Files.write(ofAnother, new byte[3]);

    TrainTable.open(folder, "run-1", "var", 1);

    assertThat(unfinished).doesNotExist();
    assertThat(ofAnother).exists();
  }

  @Test
  void keepsRowsThatCouldNotBeWritten() throws IOException {
    TrainTable table = TrainTable.open(folder, "run-1", "var", 1);
    add(table, 1, 2);
    Files.delete(folder);
    Files.createFile(folder);

    assertThatThrownBy(table::flush)
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot write '%s': there is no folder '%s'. Make it first.",
            folder.resolve("var-000000001-000000002.parquet"), folder);
    Files.delete(folder);
    Files.createDirectory(folder);
    table.flush();

    assertThat(steps()).containsExactly(1L, 2L);
  }

  @Test
  void rejectsATableOfAnotherRun() {
    TrainTable table = TrainTable.open(folder, "run-1", "tokenizer", 1);
    add(table, 1, 2);
    table.flush();

    assertThatThrownBy(() -> TrainTable.open(folder, "run-2", "var", 1))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot write table '%s': 'tokenizer-000000001-000000002.parquet' in it is of run"
                + " 'run-1' (this is run 'run-2'). Choose another folder.",
            folder);
  }

  @Test
  void rejectsAFileThatIsNoParquet() throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("var-000000001-000000002.parquet"), "not a table");

    assertThatThrownBy(() -> TrainTable.open(folder, "run-1", "var", 1))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot write table '%s': 'var-000000001-000000002.parquet' in it is no Parquet file."
                + " Remove it.",
            folder);
  }

  @Test
  void rejectsAStartWithinAFile() {
    TrainTable table = TrainTable.open(folder, "run-1", "var", 1);
    add(table, 1, 5);
    table.flush();

    assertThatThrownBy(() -> TrainTable.open(folder, "run-1", "var", 3))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot continue table '%s' at step 3: 'var-000000001-000000005.parquet' in it ends at"
                + " step 5 (files end at checkpoints). Remove it, or resume from its last step.",
            folder);
  }

  @Test
  void rejectsAFileInPlaceOfTheFolder() throws IOException {
    Files.createDirectories(folder.getParent());
    Files.createFile(folder);

    assertThatThrownBy(() -> TrainTable.open(folder, "run-1", "var", 1))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot write table '%s': '%s' is there already", folder, folder);
  }

  @Test
  void rejectsStepsThatWereThereBefore() {
    TrainTable table = TrainTable.open(folder, "run-1", "var", 5);
    add(table, 5, 6);
    table.flush();

    assertThatThrownBy(() -> table.add(TrainingRows.of(6)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot add step 6 after step 6");
  }

  @Test
  void rejectsStagesThatAreNoFileNames() {
    assertThatThrownBy(() -> TrainTable.open(folder, "run-1", "../var", 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot keep rows of stage '../var' from step 1 on");
  }

  private static void add(TrainTable table, long firstStep, long lastStep) {
    LongStream.rangeClosed(firstStep, lastStep).mapToObj(TrainingRows::of).forEach(table::add);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private List<Long> steps() throws IOException {
    List<Long> steps = new ArrayList<>();
    for (String name : names()) {
      var file = new org.apache.hadoop.fs.Path(folder.resolve(name).toUri());
      try (ParquetReader<Group> reader =
          ParquetReader.builder(new GroupReadSupport(), file).build()) {
        for (Group row = reader.read(); row != null; row = reader.read()) {
          steps.add(row.getLong("step", 0));
        }
      }
    }
    return steps;
  }
}
