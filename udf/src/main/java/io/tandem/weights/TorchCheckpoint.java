package io.tandem.weights;

import io.tandem.base.UserError;
import io.tandem.model.NumberFormat;
import io.tandem.weights.PickledValues.Dict;
import io.tandem.weights.PickledValues.Storage;
import io.tandem.weights.PickledValues.Tensor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The tensors of a {@code .pth} file that {@code torch.save} wrote: a zip archive of one pickle and
 * one entry per storage.
 *
 * <p>Reads flat state dicts, and training checkpoints of VAR, whose model lies under {@code trainer
 * -> var_wo_ddp}. Nothing in the pickle is run; the archive is checked before any tensor is read.
 *
 * @see <a href="https://github.com/pytorch/pytorch/blob/v2.7.1/torch/serialization.py">
 *     torch.serialization._save</a>
 */
public final class TorchCheckpoint implements WeightSource {

  private static final int MAX_PICKLE_BYTES = 64 << 20;
  private static final int SHOWN_KEYS = 5;
  private static final String RESAVE = "Save it again with torch.save.";

  /**
   * A tensor whose claims were checked.
   *
   * @param spec name, format and shape
   * @param view its numbers in its storage
   * @param storage position of the storage in the file
   */
  private record Found(TensorSpec spec, StridedView view, long storage) {}

  private final MappedFile file;
  private final Map<String, Found> tensors;

  private TorchCheckpoint(MappedFile file, Map<String, Found> tensors) {
    this.file = file;
    this.tensors = tensors;
  }

  /**
   * Opens a checkpoint.
   *
   * @throws UserError if the file is missing, damaged, no archive of torch.save, or if its pickle
   *     asks for more than tensors and plain containers
   */
  public static TorchCheckpoint open(String location) {
    MappedFile file = MappedFile.open(location);
    try {
      return of(file);
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /** Takes over {@code file}, which the checkpoint closes. */
  static TorchCheckpoint of(MappedFile file) {
    Map<String, ZipDirectory.Entry> entries = ZipDirectory.read(file);
    ZipDirectory.Entry pickle = pickle(file, entries);
    String folder = pickle.name().substring(0, pickle.name().indexOf('/') + 1);
    checkByteOrder(file, entries.get(folder + "byteorder"));
    Object root = PickleReader.read(file.map(pickle.offset(), pickle.bytes()), file.origin());
    Map<String, Found> tensors = new LinkedHashMap<>();
    stateDict(root)
        .forEach(
            (name, value) -> {
              if (value instanceof Tensor tensor) {
                String entry = folder + "data/" + tensor.storage().key();
                tensors.put(name, found(file, name, tensor, entries.get(entry)));
              }
            });
    if (tensors.isEmpty()) {
      throw noTensors(file, root);
    }
    return new TorchCheckpoint(file, tensors);
  }

  @Override
  public String origin() {
    return file.origin();
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(tensors.keySet());
  }

  @Override
  public TensorSpec spec(String name) {
    return found(name).spec;
  }

  @Override
  public ByteBuffer read(String name) {
    Found found = found(name);
    int width = found.spec.format().bytes();
    long start = found.storage + found.view.offset() * width;
    long span = found.view.span() * width;
    if (span > Integer.MAX_VALUE) {
      throw Refusal.of(
          file.origin(),
          "tensor '%s' lies in %d bytes (less than 2 GiB are supported). Split the tensor.",
          Refusal.shown(name),
          span);
    }
    ByteBuffer stored = file.map(start, span);
    return found.view.isContiguous() ? stored : found.view.gather(stored, width);
  }

  @Override
  public long bytes() {
    return file.bytes();
  }

  @Override
  public String sha256() {
    return file.sha256();
  }

  @Override
  public void close() {
    file.close();
  }

  private Found found(String name) {
    Found found = tensors.get(name);
    if (found == null) {
      throw new IllegalArgumentException("No tensor '" + name + "' in '" + origin() + "'");
    }
    return found;
  }

  private static ZipDirectory.Entry pickle(
      MappedFile file, Map<String, ZipDirectory.Entry> entries) {
    List<ZipDirectory.Entry> pickles =
        entries.values().stream()
            .filter(entry -> entry.name().matches("[^/]+/data\\.pkl"))
            .toList();
    if (pickles.size() != 1) {
      throw Refusal.of(
          file.origin(),
          "it is a zip archive with %d entries called data.pkl (torch.save writes one). %s",
          pickles.size(),
          RESAVE);
    }
    if (pickles.get(0).bytes() > MAX_PICKLE_BYTES) {
      throw Refusal.of(
          file.origin(),
          "its pickle has %d bytes (at most %d). Save the model alone, without its training state.",
          pickles.get(0).bytes(),
          MAX_PICKLE_BYTES);
    }
    return pickles.get(0);
  }

  private static void checkByteOrder(MappedFile file, ZipDirectory.Entry byteOrder) {
    if (byteOrder == null) { // files of torch before 2.1 have none and are little-endian
      return;
    }
    int length = (int) Math.min(byteOrder.bytes(), 16);
    byte[] text = file.copy(byteOrder.offset(), length).array();
    String order = new String(text, StandardCharsets.US_ASCII);
    if (!order.equals("little")) {
      throw Refusal.of(
          file.origin(),
          "its byte order is '%s' (little is supported). Save it again on a little-endian machine.",
          Refusal.shown(order));
    }
  }

  private static Map<String, Object> stateDict(Object root) {
    Map<String, Object> flat = entriesOf(root);
    Map<String, Object> nested = entriesOf(entriesOf(flat.get("trainer")).get("var_wo_ddp"));
    return nested.isEmpty() ? flat : nested;
  }

  private static Map<String, Object> entriesOf(Object value) {
    return value instanceof Dict dict ? dict.entries() : Map.of();
  }

  private static Found found(
      MappedFile file, String name, Tensor tensor, ZipDirectory.Entry entry) {
    Storage storage = tensor.storage();
    NumberFormat format =
        storage
            .format()
            .orElseThrow(
                () ->
                    Refusal.of(
                        file.origin(),
                        "tensor '%s' has numbers of torch.%s (known are %s). Convert it first.",
                        Refusal.shown(name),
                        storage.type(),
                        formats()));
    checkStorage(file, name, storage, entry);
    StridedView view = new StridedView(tensor.offset(), tensor.shape(), tensor.strides());
    Optional<String> fault = view.fault(storage.numbers());
    if (fault.isPresent()) {
      throw Refusal.of(
          file.origin(), "tensor '%s' %s. %s", Refusal.shown(name), fault.get(), RESAVE);
    }
    return new Found(new TensorSpec(name, format, tensor.shape()), view, entry.offset());
  }

  private static void checkStorage(
      MappedFile file, String name, Storage storage, ZipDirectory.Entry entry) {
    if (entry == null) {
      throw Refusal.of(
          file.origin(),
          "the numbers of tensor '%s' are missing: no entry data/%s. %s",
          Refusal.shown(name),
          Refusal.shown(storage.key()),
          RESAVE);
    }
    int width = storage.format().orElseThrow().bytes();
    if (storage.numbers() < 0 || storage.numbers() > entry.bytes() / width) {
      throw Refusal.of(
          file.origin(),
          "the storage of tensor '%s' claims %d numbers of %d bytes, but its record data/%s has %d "
              + "bytes. %s",
          Refusal.shown(name),
          storage.numbers(),
          width,
          Refusal.shown(storage.key()),
          entry.bytes(),
          RESAVE);
    }
  }

  private static UserError noTensors(MappedFile file, Object root) {
    Set<String> keys = entriesOf(root).keySet();
    String shown =
        keys.stream().limit(SHOWN_KEYS).map(Refusal::shown).collect(Collectors.joining(", "));
    return Refusal.of(
        file.origin(),
        "it holds no tensors (they are expected at the top, or under trainer -> var_wo_ddp), but "
            + "%d keys%s. Save the state dict of the model.",
        keys.size(),
        keys.isEmpty() ? "" : ": " + shown + (keys.size() > SHOWN_KEYS ? ", ..." : ""));
  }

  private static String formats() {
    return Arrays.stream(NumberFormat.values())
        .map(format -> format.name().toLowerCase(Locale.ROOT))
        .collect(Collectors.joining(", "));
  }
}
