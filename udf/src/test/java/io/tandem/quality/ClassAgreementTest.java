package io.tandem.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import org.junit.jupiter.api.Test;

class ClassAgreementTest {

  private final ClassAgreement agreement = new ClassAgreement(3);

  @Test
  void isTheShareThatIsClassifiedAsTheLabel() {
    agreement.add(0, 0);
    agreement.add(0, 1);
    agreement.add(0, 2);
    agreement.add(0, 0);
    agreement.add(1, 1);

    assertThat(agreement.pictures()).isEqualTo(5);
    assertThat(agreement.share()).hasValue(0.6);
    assertThat(agreement.share(0)).hasValue(0.5);
    assertThat(agreement.share(1)).hasValue(1);
    assertThat(agreement.share(2)).isEmpty();
  }

  @Test
  void thereIsNoShareOfNothing() {
    assertThat(agreement.share()).isEmpty();
  }

  @Test
  void rejectsClassesThatTheClassifierDoesNotKnow() {
    assertThatThrownBy(() -> agreement.add(3, 0))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot count class 3 (the classifier has 0 to 2)");
    assertThatThrownBy(() -> agreement.add(0, -1))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot count class -1 (the classifier has 0 to 2)");
  }
}
