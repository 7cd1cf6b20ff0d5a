package io.tandem.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tandem.model.ScaleSchedule;
import io.tandem.model.VarConfig;
import io.tandem.model.VqConfig;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkCountTest {

  private static final VarConfig D8 = VarConfig.ofDepth(8);
  private static final VarConfig D16 = VarConfig.ofDepth(16);
  private static final VarConfig D20 = VarConfig.ofDepth(20);
  private static final VarConfig D30 = VarConfig.ofDepth(30);
  private static final double GIGA = 1e9;
  private static final double TERA = 1e12;

  @Test
  void countsTheBenchmarkOfTheProject() {
    long draft = leg(D16, 0, 8, 8);
    long refine = leg(D8, 8, 10, 8);
    long vae = 4 * WorkCount.imageDecoder(VqConfig.RELEASED, 16);

    // within rounding of the published figures, which are whole GFLOP
    assertThat(draft / GIGA).isEqualTo(862, within(0.5));
    assertThat(refine / GIGA).isEqualTo(315, within(0.5));
    assertThat(vae / GIGA).isEqualTo(1575, within(0.5));
    assertThat((draft + refine + vae) / GIGA).isEqualTo(2751, within(0.5));
    assertThat((draft + refine + vae) / 4 / GIGA).isEqualTo(688, within(0.5));
    // exact, from an independent count of the same algorithm
    assertThat(draft).isEqualTo(4 * 215_410_147_328L);
    assertThat(refine).isEqualTo(4 * 78_658_494_464L);
    assertThat(vae).isEqualTo(4 * 393_713_549_312L);
  }

  @ParameterizedTest(name = "d{0} by scale {1}, rows {2}, then d16, rows {3}")
  @CsvSource({
    "30, 10, 2, 2, 3.766",
    "24, 10, 2, 2, 1.951",
    "20, 10, 2, 2, 1.143",
    "16, 10, 2, 2, 0.597",
    "30, 10, 1, 1, 1.883",
    "30,  9, 2, 2, 2.890",
    "30,  8, 2, 2, 1.965",
    "30,  7, 2, 2, 1.425",
    "30,  6, 2, 2, 1.083",
    "30,  5, 2, 2, 0.891",
    "30,  8, 2, 1, 1.674",
    "30,  6, 2, 1, 0.787",
    "30,  8, 1, 1, 0.982"
  })
  void countsPlainAndCollaborativeDecoding(
      int depth, int draftScales, int draftRows, int refineRows, double teraFlop) {
    long work = leg(VarConfig.ofDepth(depth), 0, draftScales, draftRows);
    if (draftScales < 10) {
      work += leg(D16, draftScales, 10, refineRows);
    }

    assertThat(work / TERA).isEqualTo(teraFlop, within(0.0005));
  }

  @Test
  void countsALadderOfThree() {
    long work = leg(D30, 0, 6, 2) + leg(D20, 6, 8, 2) + leg(D16, 8, 10, 2);

    assertThat(work).isEqualTo(1_480_498_151_424L);
  }

  @Test
  void countsOnlyTheMissedScalesOfAPrefill() {
    long missed = WorkCount.prefill(D16, 3, 5, 2);

    assertThat(missed)
        .isEqualTo(WorkCount.prefill(D16, 0, 5, 2) - WorkCount.prefill(D16, 0, 3, 2))
        .isPositive();
    assertThat(WorkCount.prefill(D16, 5, 5, 2)).isZero();
  }

  @Test
  void saysHowMuchAPrefillSavesAgainstDecodingTheScale() {
    long step = WorkCount.step(D16, 4, 1);
    long prefill = WorkCount.prefill(D16, 4, 5, 1);

    // 25 tokens: the head, 20 ww of the last block, and its attention to 55 tokens
    long head = 25L * 2 * 4096 * 1024;
    long lastBlock = 25L * 20 * 1024 * 1024 + 4L * 1024 * 25 * 55;
    assertThat(step - prefill).isEqualTo(head + lastBlock);
  }

  @Test
  void growsWithTheRows() {
    assertThat(WorkCount.step(D30, 9, 64)).isEqualTo(64 * WorkCount.step(D30, 9, 1));
    assertThat(WorkCount.adaLn(D30, 64)).isEqualTo(64 * WorkCount.adaLn(D30, 1));
    assertThat(WorkCount.prefill(D30, 0, 9, 64)).isEqualTo(64 * WorkCount.prefill(D30, 0, 9, 1));
  }

  @Test
  void countsSharedAdaLnOnce() {
    long squared = 2304L * 2304;

    assertThat(WorkCount.adaLn(VarConfig.ofDepth(36), 1)).isEqualTo(16 * squared);
    assertThat(WorkCount.adaLn(D16, 1)).isEqualTo((12 * 16 + 4) * 1024L * 1024);
  }

  @Test
  void countsSmallTokenisersToo() {
    VqConfig config = new VqConfig(32, List.of(1, 2), 1, 128, 32, 4);

    // by hand: feature map 4 x 4 with 64 channels, image 8 x 8 with 32 channels
    long same64 = 2 * 2 * 9 * 64 * 64 * 16L;
    long attention = 2 * 64 * 256 * 16L + 4 * 64 * 256L;
    long input = 2 * 9 * 32 * 32 * 16L + 2 * 9 * 32 * 64 * 16L;
    long upsample = 2 * 9 * 64 * 64 * 64L;
    long narrowing = 2 * 9 * 64 * 32 * 64L + 2 * 9 * 32 * 32 * 64L + 2 * 64 * 32 * 64L;
    long same32 = 2 * 2 * 9 * 32 * 32 * 64L;
    long output = 2 * 9 * 32 * 3 * 64L;
    assertThat(WorkCount.imageDecoder(config, 4))
        .isEqualTo(input + 4 * same64 + 3 * attention + upsample + narrowing + same32 + output);
  }

  @Test
  void countsLargerImages() {
    long small = WorkCount.imageDecoder(VqConfig.RELEASED, 16);
    long large = WorkCount.imageDecoder(VqConfig.RELEASED, ScaleSchedule.PIXELS_512.finestSide());

    // four times the convolutions, sixteen times the attention maps
    assertThat(large).isEqualTo(4 * small + 12 * 4 * 4 * 640L * 256 * 256);
  }

  /** The work of scales [first, end) by one model that has seen nothing before. */
  private static long leg(VarConfig config, int first, int end, int rows) {
    long work = WorkCount.prefill(config, 0, first, rows) + WorkCount.adaLn(config, rows);
    for (int scale = first; scale < end; scale++) {
      work += WorkCount.step(config, scale, rows);
    }
    return work;
  }
}
