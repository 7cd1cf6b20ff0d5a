package io.tandem.weights;

import java.nio.ByteBuffer;
import java.util.Locale;

/** Opens checkpoints of any known format, which it tells by their content. */
public final class WeightFiles {

  private static final int ZIP = 0x04034b50;
  private static final int EMPTY_ZIP = 0x06054b50;

  /** How every torch file before 1.6 starts: a pickle of protocol 2 and an integer of 10 bytes. */
  private static final int LEGACY_TORCH = 0x0a8a0280;

  private static final int HEAD_BYTES = 9;

  private WeightFiles() {}

  /**
   * Opens the checkpoint at {@code location}, a {@code .pth} file of torch.save or a safetensors
   * file. The caller closes it.
   *
   * @throws io.tandem.base.UserError if there is no such file or it cannot be loaded, with the
   *     location as given
   */
  public static WeightSource open(String location) {
    MappedFile file = MappedFile.open(location);
    try {
      return open(file);
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static WeightSource open(MappedFile file) {
    ByteBuffer head = file.copy(0, (int) Math.min(HEAD_BYTES, file.bytes()));
    int magic = head.remaining() >= Integer.BYTES ? head.getInt(0) : 0;
    if (magic == ZIP || magic == EMPTY_ZIP) {
      return TorchCheckpoint.of(file);
    }
    if (magic == LEGACY_TORCH) {
      throw Refusal.of(
          file.origin(),
          "it is a torch file of the format before version 1.6 (zip archives of torch.save are "
              + "supported). Load it in a current torch and save it again with torch.save.");
    }
    boolean json = head.remaining() == HEAD_BYTES && head.get(HEAD_BYTES - 1) == '{';
    if (json || file.origin().toLowerCase(Locale.ROOT).endsWith(".safetensors")) {
      return SafetensorsFile.of(file);
    }
    throw Refusal.of(
        file.origin(),
        "it is neither a zip archive of torch.save nor a safetensors file. Check that the download "
            + "is complete and that this is the file of the weights.");
  }
}
