package io.tandem.weights;

import io.tandem.model.NumberFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes {@code .pth} files as torch.save does. */
final class TorchFiles {

  static final byte[] LITTLE = "little".getBytes(StandardCharsets.US_ASCII);

  private TorchFiles() {}

  /** Saves all tensors of {@code source} as a flat state dict, each in a storage of its own. */
  static Path save(Path path, WeightSource source, StoredZip.Form form) throws IOException {
    PickleBytes pickle = PickleBytes.protocol2().op('}', '(');
    int key = 0;
    for (String name : source.names()) {
      TensorSpec spec = source.spec(name);
      PickleBytes storage =
          new PickleBytes().storage(storageType(spec.format()), "" + key++, spec.numbers());
      pickle.text(name).tensor(storage, 0, spec.shape(), rowMajor(spec.shape()));
    }
    try (StoredZip zip = new StoredZip(path, form)) {
      zip.add("archive/data.pkl", pickle.op('u', '.').toBytes());
      zip.add("archive/byteorder", LITTLE);
      key = 0;
      for (String name : source.names()) {
        zip.add("archive/data/" + key++, source.read(name));
      }
      zip.add("archive/version", "3\n".getBytes(StandardCharsets.US_ASCII));
    }
    return path;
  }

  /** Saves a pickle with its storages by key. */
  static Path save(Path path, PickleBytes pickle, Map<String, byte[]> storages) throws IOException {
    try (StoredZip zip = new StoredZip(path, StoredZip.Form.AS_NEEDED)) {
      zip.add("archive/data.pkl", pickle.toBytes());
      zip.add("archive/byteorder", LITTLE);
      for (Map.Entry<String, byte[]> storage : storages.entrySet()) {
        zip.add("archive/data/" + storage.getKey(), storage.getValue());
      }
    }
    return path;
  }

  /** Saves one tensor {@code x} of floats with the given view of its storage. */
  static Path saveView(Path path, float[] numbers, StridedView view) throws IOException {
    PickleBytes storage = new PickleBytes().storage("FloatStorage", "0", numbers.length);
    PickleBytes pickle =
        PickleBytes.protocol2()
            .op('}')
            .text("x")
            .tensor(storage, view.offset(), view.shape(), view.strides())
            .op('s', '.');
    return save(path, pickle, Map.of("0", bytes(numbers)));
  }

  static byte[] bytes(float... numbers) {
    ByteBuffer bytes = ByteBuffer.allocate(numbers.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (float number : numbers) {
      bytes.putFloat(number);
    }
    return bytes.array();
  }

  static float[] floats(ByteBuffer bytes) {
    float[] floats = new float[bytes.remaining() / 4];
    bytes.asFloatBuffer().get(floats);
    return floats;
  }

  static List<Long> rowMajor(List<Long> shape) {
    List<Long> strides = new ArrayList<>();
    long stride = 1;
    for (int axis = shape.size() - 1; axis >= 0; axis--) {
      strides.add(0, stride);
      stride *= Math.max(1, shape.get(axis));
    }
    return strides;
  }

  private static String storageType(NumberFormat format) {
    return switch (format) {
      case UINT8 -> "ByteStorage";
      case INT32 -> "IntStorage";
      case INT64 -> "LongStorage";
      case FLOAT16 -> "HalfStorage";
      case BFLOAT16 -> "BFloat16Storage";
      case FLOAT32 -> "FloatStorage";
      case FLOAT64 -> "DoubleStorage";
    };
  }
}
