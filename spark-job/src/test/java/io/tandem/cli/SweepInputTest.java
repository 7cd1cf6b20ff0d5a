package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a grid may not be, found before anything is written. */
class SweepInputTest {

  private static final String BASE =
      """
      drafter = "%s"
      refiner = "%s"
      vae = "%s"
      images = 8
      metrics = none
      precision = fp32
      """
          .formatted(TinyModels.LARGE, TinyModels.SMALL, TinyModels.VAE);

  @TempDir Path folder;

  private Path config;
  private Path out;

  @BeforeEach
  void places() {
    config = folder.resolve("grid.conf");
    out = folder.resolve("out");
  }

  @Test
  void printsWhatPointsShareAndWritesNothing() throws IOException {
    Ran ran = sweep("axes { draft-scales = [1, 2, 3], top-k = [5, 9] }", "--dry-run");

    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertThat(ran.out())
        .contains("points     6 in " + out)
        .contains(
            "group      draft-scales-1-top-k-5, draft-scales-2-top-k-5, draft-scales-3-top-k-5: ")
        .contains("draft-scales-3-top-k-9: ")
        .contains(" together (bound 0.");
    assertThat(out).doesNotExist();
  }

  @Test
  void refusesFilesWithoutAGrid() throws IOException {
    assertRefused(
        "",
        "Cannot use config '%s': Cannot sweep without points: there are neither axes nor points (at"
            + " least one is needed). Add axes { draft-scales = [6, 7] } or the like.");
    assertThat(Ran.tandem("sweep", "--out=" + out).err())
        .isEqualTo(
            "Cannot sweep without a grid: no file names axes or points. Pass --config FILE, such as"
                + " conf/studies/draft-scales.conf.\n");
  }

  @Test
  void refusesKeysThatNobodyKnows() throws IOException {
    assertRefused(
        "axes { draft-scale = [1, 2] }",
        "Cannot use config '%s': 'draft-scale' in axes is nothing that points can differ in (the"
            + " nearest is 'draft-scales'). Keys are options of generate without the dashes.");
    assertRefused(
        "points = [{ name = a, topk = 5 }]",
        "Cannot use config '%s': 'topk' in point 'a' is nothing that points can differ in (the"
            + " nearest is 'top-k'). Keys are options of generate without the dashes.");
    assertRefused(
        "axes { out = [a, b] }",
        "Cannot use config '%s': 'out' in axes is nothing that points can differ in (the nearest"
            + " is 'vae'). Keys are options of generate without the dashes.");
    assertRefused(
        "axis { top-k = [5] }",
        "Cannot use config '%s': 'axis' is no option (the nearest is 'axes'). Keys are the long"
            + " names of options without the dashes.");
  }

  @Test
  void refusesAxesThatAreEmptyOrNone() throws IOException {
    assertRefused(
        "draft-scales = 2, axes { top-k = [] }",
        "Cannot use config '%s': Cannot sweep over the axis 'top-k': it has no values (at least"
            + " one is needed)");
    assertRefused(
        "draft-scales = 2, axes { top-k = 5 }",
        "Cannot use config '%s': the axis 'top-k' is no list of values (such as [6, 7])");
    assertRefused(
        "draft-scales = 2, axes = 5",
        "Cannot use config '%s': 'axes' is no object (such as { draft-scales = [6, 7] })");
    assertRefused(
        "draft-scales = 2, points = 5",
        "Cannot use config '%s': 'points' is no list (such as [{ name = small, draft-scales = 6"
            + " }])");
    assertRefused(
        "points = [{ draft-scales = 2 }]",
        "Cannot use config '%s': a point has no name ({ name = small, draft-scales = 6 } or the"
            + " like)");
    assertRefused(
        "points = [{ name = a, draft-scales = 2 }, { name = a, draft-scales = 3 }]",
        "Cannot use config '%s': two points are named 'a'");
  }

  @Test
  void refusesPointsThatDifferInNothing() throws IOException {
    assertThat(
            sweep(
                "points = [{ name = a, draft-scales = 2 }, { name = b, plan ="
                    + " \"drafter:1-2,refiner:3-4\", model = [\"drafter="
                    + TinyModels.LARGE
                    + "\", \"refiner="
                    + TinyModels.SMALL
                    + "\"] }]"))
        .isEqualTo(
            new Ran(
                2,
                "",
                "Cannot sweep over the points 'a' and 'b': they differ in nothing (each needs"
                    + " settings of its own). Leave one of them out.\n"));
    assertThat(sweep("draft-scales = 2, axes { top-p = [0.5, \"0.50\"] }").err())
        .contains("they differ in nothing");
  }

  @Test
  void namesThePointWhoseSettingsMakeNoSense() throws IOException {
    assertThat(sweep("axes { draft-scales = [2, 4] }").err())
        .isEqualTo(
            "Cannot use the point 'draft-scales-4': Cannot split 4 scales between a drafter and a"
                + " refiner: the drafter would have 4 (1 to 3). Plain VAR needs one model only.\n");
    assertThat(sweep("axes { draft-scales = [two] }").err())
        .startsWith(
            "Cannot use the point 'draft-scales-two': Invalid value for option"
                + " '--draft-scales'");
  }

  @Test
  void anOptionThatThePointsDifferInIsTheirs() throws IOException {
    assertThat(sweep("axes { draft-scales = [2, 3] }", "--draft-scales=2").err())
        .isEqualTo(
            "Cannot use --draft-scales: the points of the grid differ in it. Change the file"
                + " instead.\n");
  }

  @Test
  void keepsOutOfFoldersOfOthers() throws IOException {
    Files.createDirectories(out);
    Files.writeString(out.resolve("notes.txt"), "somebody's");
    assertThat(sweep("axes { draft-scales = [2, 3] }").err())
        .isEqualTo(
            ("Cannot write to '%s': it is no folder of a sweep, and there is 'notes.txt' in it (an"
                    + " empty or new folder, or that of a sweep, is needed). Choose another --out.%n")
                .formatted(out));
    Files.move(out.resolve("notes.txt"), out.resolve("run.json"));
    assertThat(sweep("axes { draft-scales = [2, 3] }").err())
        .isEqualTo(
            ("Cannot sweep into '%s': it is the folder of a run (an empty or new folder, or that of"
                    + " a sweep, is needed). Choose another --out.%n")
                .formatted(out));
  }

  private void assertRefused(String grid, String message) throws IOException {
    assertThat(sweep(grid)).isEqualTo(new Ran(2, "", message.formatted(config) + "\n"));
    assertThat(out).doesNotExist();
  }

  private Ran sweep(String grid, String... more) throws IOException {
    Files.writeString(config, BASE + grid + "\n");
    List<String> args = new ArrayList<>(List.of("sweep", "--config=" + config, "--out=" + out));
    args.addAll(List.of(more));
    return Ran.tandem(args.toArray(String[]::new));
  }
}
