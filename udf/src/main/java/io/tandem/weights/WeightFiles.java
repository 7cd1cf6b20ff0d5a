package io.tandem.weights;

import java.nio.ByteBuffer;
import java.util.Locale;

/** Opens checkpoints of any known format, which it tells by their content. */
public final class WeightFiles {

  private static final int ZIP = 0x04034b50;
  private static final int EMPTY_ZIP = 0x06054b50;

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
    if (magic == ZIP || magic == EMPTY_ZIP || TorchStorages.isOld(file)) {
      return TorchCheckpoint.of(file);
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
