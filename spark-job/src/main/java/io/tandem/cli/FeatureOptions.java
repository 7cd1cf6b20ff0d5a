package io.tandem.cli;

import io.tandem.executor.DeviceChoice;
import io.tandem.executor.FeatureSpec;
import io.tandem.features.Profile;
import io.tandem.job.ClusterShape;
import io.tandem.job.FeatureRequest;
import io.tandem.spark.SessionSettings;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/** Options of how features of images are computed. */
final class FeatureOptions {

  @Option(
      names = "--features",
      required = true,
      paramLabel = "NETWORK",
      description = {
        "inception:FILE (Inception v3 of 2015-12-05: the .pth of pytorch-fid or torch-fidelity, a"
            + " .safetensors, or NVIDIA's .pt) or demo."
      })
  private String network;

  @Option(
      names = "--profile",
      paramLabel = "P",
      description = {
        "Whose resizing, scaling and rules: adm, torch-fidelity, pytorch-fid, clean, nvidia,"
            + " torchmetrics-1.8+ or demo (default: demo with --features demo, else adm)."
      })
  private String profile;

  @Option(
      names = "--cache",
      paramLabel = "PATH",
      description = {
        "Folder that keeps features (default: features in the folder of a run, else beside the"
            + " images)."
      })
  private String cache;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description = {
        "cpu, gpu (the one that Spark gives the task), cuda or cuda:N (default: gpu where Spark gives"
            + " tasks one, else cpu)."
      })
  private String device;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      description = "Tasks that the images are cut into; decides no number (default: many).")
  private Integer partitions;

  @Option(
      names = "--max-failed",
      defaultValue = "0",
      paramLabel = "N",
      description = "Damaged images that are passed over (default ${DEFAULT-VALUE}).")
  private long mostUnusable;

  @Option(
      names = "--convert-rgb",
      description = {
        "Take grey images as three equal channels, drop alpha, and take the upper 8 of 16 bits;"
            + " otherwise such images are an error."
      })
  private boolean isConverted;

  /** Returns the profile. */
  Profile profile() {
    return profile(network, profile);
  }

  /** Returns the profile that {@code profile} names, or without it the usual one of a network. */
  static Profile profile(String network, String profile) {
    if (profile == null) {
      return network.equals("demo") ? Profile.DEMO : Profile.ADM;
    }
    return Profile.parse(profile);
  }

  /** Returns what is asked of the features. */
  FeatureRequest request(SessionSettings settings) {
    return new FeatureRequest(
        network,
        profile(),
        device == null ? ClusterShape.usualDevice(settings.values()) : DeviceChoice.parse(device),
        new FeatureRequest.Pictures(
            isConverted ? FeatureSpec.Colours.CONVERTED : FeatureSpec.Colours.RGB_ONLY,
            mostUnusable,
            partitions == null ? OptionalInt.empty() : OptionalInt.of(partitions)),
        Optional.ofNullable(cache),
        settings);
  }
}
