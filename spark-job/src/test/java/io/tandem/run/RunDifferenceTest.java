package io.tandem.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RunDifferenceTest {

  private static final RunSettings THERE = Runs.settings();

  @Test
  void theSameSettingsDoNotDiffer() {
    RunDifference difference = RunDifference.between(THERE, Runs.settings());

    assertThat(difference).isEqualTo(new RunDifference(List.of(), List.of()));
    difference.checkSettings("out");
    assertThat(difference.identityText()).isEmpty();
  }

  @Test
  void listsEachDifference() {
    RunSettings here =
        new RunSettings(
            new TreeMap<>(Map.of("guidance", "2.0", "images", "1000", "greedy", "true")),
            List.of(
                Runs.model("big", "elsewhere/d30.pth", "c"), Runs.model("tiny", "demo:tiny", "d")),
            THERE.identity());

    assertThatThrownBy(() -> RunDifference.between(THERE, here).checkSettings("out/demo"))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot continue the run in 'out/demo': it was begun with other settings (greedy: not"
                + " given there, true here; guidance: 1.5 there, 2.0 here; plan: big:1-8,small:9-10"
                + " there, not given here; model big: 's3a://bucket/d30.pth' (sha256"
                + " aaaaaaaaaaaa...) there, 'elsewhere/d30.pth' (sha256 cccccccccccc...) here; model"
                + " small: 'demo:small' (sha256 bbbbbbbbbbbb...) there, not given here; model tiny:"
                + " not given there, 'demo:tiny' (sha256 dddddddddddd...) here). Use the same ones,"
                + " or another --out.");
  }

  @Test
  void aModelMayHaveMoved() {
    RunSettings here =
        new RunSettings(
            THERE.options(),
            List.of(Runs.model("small", "d16.pth", "b"), Runs.model("big", "/nas/d30.pth", "a")),
            THERE.identity());

    assertThat(RunDifference.between(THERE, here).settings()).isEmpty();
  }

  @Test
  void theNumberOfImagesMayGrowButNotShrink() {
    for (String option : List.of("images", "per-class")) {
      assertThat(between(option, "999", "1000")).isEmpty();
      assertThat(between(option, "1000", "1000")).isEmpty();
      assertThat(between(option, "1000", "999"))
          .containsExactly(option + ": 1000 there, 999 here (it may only grow)");
      assertThat(between(option, "all", "999")).containsExactly(option + ": all there, 999 here");
    }
    assertThat(between("top-k", "900", "1000")).containsExactly("top-k: 900 there, 1000 here");
  }

  @Test
  void showsWhereLongValuesPart() {
    String labels = "1,2,3,".repeat(20);

    assertThat(between("labels", labels + "4", labels + "5"))
        .containsExactly("labels: ...,3,1,2,3,1,2,3,4 there, ...,3,1,2,3,1,2,3,5 here");
    assertThat(between("labels", "7", labels))
        .containsExactly("labels: 7 there, " + labels.substring(0, 60) + "... here");
    assertThat(between("labels", "a\u001b[2Jb", "c"))
        .containsExactly("labels: a?[2Jb there, c here");
  }

  @Test
  void reportsTheNumericIdentityApart() {
    RunSettings here =
        new RunSettings(
            THERE.options(),
            THERE.models(),
            new TreeMap<>(Map.of("device", "AVX2", "precision", "fp32", "threads", "2")));

    RunDifference difference = RunDifference.between(THERE, here);

    assertThat(difference.settings()).isEmpty();
    assertThat(difference.identityText())
        .hasValue(
            "another numeric identity: device: AVX512 there, AVX2 here; threads: not given there, 2"
                + " here");
  }

  private static List<String> between(String option, String there, String here) {
    return RunDifference.between(only(option, there), only(option, here)).settings();
  }

  private static RunSettings only(String option, String value) {
    return new RunSettings(
        new TreeMap<>(Map.of(option, value)), List.of(), new TreeMap<>(Map.of()));
  }
}
