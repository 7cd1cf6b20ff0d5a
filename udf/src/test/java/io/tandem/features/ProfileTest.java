package io.tandem.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.kernel.Resize;
import io.tandem.kernel.Scaling;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ProfileTest {

  @ParameterizedTest
  @EnumSource(Profile.class)
  void isFoundByItsLabel(Profile profile) {
    assertThat(Profile.parse(profile.label())).isEqualTo(profile);
    assertThat(profile).hasToString(profile.label());
  }

  @ParameterizedTest
  @CsvSource({
    "adm, TENSORFLOW_BILINEAR, CENTRED",
    "torch-fidelity, TENSORFLOW_BILINEAR, CENTRED",
    "nvidia, TENSORFLOW_BILINEAR, CENTRED",
    "pytorch-fid, TORCH_BILINEAR, UNIT",
    "clean, PILLOW_BICUBIC, CENTRED",
    "torchmetrics-1.8+, TORCH_BILINEAR_ANTIALIASED, CENTRED",
    "demo, , UNIT"
  })
  void preparesPicturesAsItsToolDoes(String label, Resize resize, Scaling scaling) {
    Profile profile = Profile.parse(label);

    assertThat(profile.resize()).isEqualTo(Optional.ofNullable(resize));
    assertThat(profile.scaling()).isEqualTo(scaling);
  }

  @Test
  void rejectsAnUnknownOne() {
    assertThatThrownBy(() -> Profile.parse("dinov2"))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot use profile 'dinov2' (adm, torch-fidelity, pytorch-fid, clean, nvidia,"
                + " torchmetrics-1.8+, demo)");
  }
}
