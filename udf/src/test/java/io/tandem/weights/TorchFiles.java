package io.tandem.weights;

import io.tandem.model.NumberFormat;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

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

  /** Saves all tensors of {@code source} as torch before 1.6 did. */
  static Path saveOld(Path path, WeightSource source) throws IOException {
    PickleBytes pickle = PickleBytes.protocol2().global("collections", "OrderedDict").op(')', 'R');
    pickle.op('(');
    PickleBytes keys = PickleBytes.protocol2().op(']', '(');
    int key = 0;
    for (String name : source.names()) {
      TensorSpec spec = source.spec(name);
      keys.text("" + key);
      PickleBytes storage =
          new PickleBytes().oldStorage(storageType(spec.format()), "" + key++, spec.numbers());
      pickle.text(name).tensor(storage, 0, spec.shape(), rowMajor(spec.shape()));
    }
    // The state of a state dict: the versions of its layers.
    pickle.op('u', '}').text("_metadata").global("collections", "OrderedDict");
    pickle.op(')', 'R', 's', 'b', '.');
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(path))) {
      out.write(oldHead("little"));
      out.write(pickle.toBytes());
      out.write(keys.op('e', '.').toBytes());
      for (String name : source.names()) {
        ByteBuffer count = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        out.write(count.putLong(source.spec(name).numbers()).array());
        ByteBuffer numbers = source.read(name);
        byte[] bytes = new byte[numbers.remaining()];
        numbers.get(bytes);
        out.write(bytes);
      }
    }
    return path;
  }

  /** The first three pickles of a file of torch before 1.6: magic number, version, machine. */
  static byte[] oldHead(String byteOrder) {
    PickleBytes head =
        PickleBytes.protocol2()
            .op(0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, '.')
            .op(0x80, 2, 'M', 0xe9, 3, '.')
            .op(0x80, 2, '}', '(');
    head.text("protocol_version").op('M', 0xe9, 3);
    head.text("little_endian").op(byteOrder.equals("little") ? 0x88 : 0x89);
    return head.op('u', '.').toBytes();
  }

  /** Saves all tensors of {@code source} as a module that torch.jit.save wrote. */
  static Path saveScript(Path path, WeightSource source) throws IOException {
    Map<String, Object> root = new LinkedHashMap<>();
    int key = 0;
    for (String name : source.names()) {
      String[] steps = name.split("\\.");
      Map<String, Object> object = root;
      for (int i = 0; i < steps.length - 1; i++) {
        object = inner(object, steps[i]);
      }
      TensorSpec spec = source.spec(name);
      PickleBytes storage =
          new PickleBytes().storage(storageType(spec.format()), "" + key++, spec.numbers());
      object.put(
          steps[steps.length - 1],
          new PickleBytes().tensor(storage, 0, spec.shape(), rowMajor(spec.shape())));
    }
    PickleBytes pickle = PickleBytes.protocol2();
    scriptObject(pickle, "Root", root);
    try (ZipOutputStream zip =
        new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(path)))) {
      store(zip, "net/data.pkl", pickle.op('.').toBytes());
      zip.setMethod(ZipOutputStream.DEFLATED);
      zip.putNextEntry(new ZipEntry("net/code/__torch__.py"));
      zip.write("class Root(Module):\n".repeat(100).getBytes(StandardCharsets.US_ASCII));
      key = 0;
      for (String name : source.names()) {
        ByteBuffer numbers = source.read(name);
        byte[] bytes = new byte[numbers.remaining()];
        numbers.get(bytes);
        store(zip, "net/data/" + key++, bytes);
      }
      store(zip, "net/constants.pkl", PickleBytes.protocol2().op(')', '.').toBytes());
      store(zip, "net/version", "3\n".getBytes(StandardCharsets.US_ASCII));
    }
    return path;
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> inner(Map<String, Object> object, String name) {
    return (Map<String, Object>) object.computeIfAbsent(name, key -> new LinkedHashMap<>());
  }

  @SuppressWarnings("unchecked")
  private static void scriptObject(PickleBytes pickle, String type, Map<String, Object> object) {
    pickle.scriptObject(type).text("training").op(0x89).text("hook").op('N');
    pickle.text("stride").global("torch.jit._pickle", "build_intlist");
    pickle.op('(', ']', '(').number(2).number(2).op('e', 't', 'R');
    object.forEach(
        (name, value) -> {
          pickle.text(name);
          if (value instanceof PickleBytes tensor) {
            pickle.raw(tensor);
          } else {
            scriptObject(pickle, "Type_" + name, (Map<String, Object>) value);
          }
        });
    pickle.endObject();
  }

  private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(content);
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
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
