package io.tandem.job;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import java.net.URL;
import java.net.URLClassLoader;
import org.junit.jupiter.api.Test;

class ReferenceInputTest {

  @Test
  void saysWhenABuildCarriesNoReference() throws Exception {
    try (URLClassLoader empty = new URLClassLoader(new URL[0], null)) {
      assertThatThrownBy(() -> ReferenceInput.demo(empty))
          .isInstanceOf(UserError.class)
          .hasMessage(
              "Cannot compare with the reference 'demo': this build carries none. Pass an .npz file"
                  + " or a folder of pictures.");
    }
  }
}
