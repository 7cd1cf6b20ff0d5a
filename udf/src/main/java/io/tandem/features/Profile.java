package io.tandem.features;

import static io.tandem.base.Checks.check;

import io.tandem.kernel.Resize;
import io.tandem.kernel.Scaling;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Which tool's features are wanted: numbers of two profiles do not compare, for their pictures are
 * resized in different ways.
 *
 * <p>All but {@link #DEMO} read the same network, features before the classifier, the tap of sFID
 * behind the third of the four blocks of 17 x 17, and logits without bias over all 1008 outputs.
 */
public enum Profile {
  /** The ADM evaluator (openai/guided-diffusion@22e0df8, evaluations/evaluator.py). */
  ADM("adm", Resize.TENSORFLOW_BILINEAR, Scaling.CENTRED),
  /** toshas/torch-fidelity@5e211a9. */
  TORCH_FIDELITY("torch-fidelity", Resize.TENSORFLOW_BILINEAR, Scaling.CENTRED),
  /** mseitzer/pytorch-fid@b9c1811. */
  PYTORCH_FID("pytorch-fid", Resize.TORCH_BILINEAR, Scaling.UNIT),
  /** GaParmar/clean-fid@e88c4d6 in its mode {@code clean}. */
  CLEAN("clean", Resize.PILLOW_BICUBIC, Scaling.CENTRED),
  /** The file of StyleGAN2-ADA, StyleGAN3, EDM and EDM2. */
  NVIDIA("nvidia", Resize.TENSORFLOW_BILINEAR, Scaling.CENTRED),
  /** torchmetrics from 1.8 on, as it is set up unless told otherwise. */
  TORCHMETRICS("torchmetrics-1.8+", Resize.TORCH_BILINEAR_ANTIALIASED, Scaling.CENTRED),
  /** The demo's own network, which takes pictures as they are. */
  DEMO("demo", Scaling.UNIT);

  private final String label;
  private final Optional<Resize> resize;
  private final Scaling scaling;

  Profile(String label, Resize resize, Scaling scaling) {
    this.label = label;
    this.resize = Optional.of(resize);
    this.scaling = scaling;
  }

  Profile(String label, Scaling scaling) {
    this.label = label;
    this.resize = Optional.empty();
    this.scaling = scaling;
  }

  /**
   * Returns the profile that {@code text} names.
   *
   * @throws io.tandem.base.UserError if there is none
   */
  public static Profile parse(String text) {
    Optional<Profile> profile =
        Arrays.stream(values()).filter(value -> value.label.equals(text)).findFirst();
    check(
        profile.isPresent(),
        "Cannot use profile '%s' (%s)",
        text,
        Arrays.stream(values()).map(Profile::label).collect(Collectors.joining(", ")));
    return profile.orElseThrow();
  }

  /** Returns the name by which users choose it. */
  public String label() {
    return label;
  }

  /**
   * Returns how pictures are brought to the side of the network; absent if they stay as they are.
   */
  public Optional<Resize> resize() {
    return resize;
  }

  /** Returns how their values are scaled. */
  public Scaling scaling() {
    return scaling;
  }

  @Override
  public String toString() {
    return label;
  }
}
