package io.tandem.weights;

import io.tandem.base.UserError;
import io.tandem.model.NumberFormat;
import io.tandem.weights.PickledValues.Dict;
import io.tandem.weights.PickledValues.ScriptObject;
import io.tandem.weights.PickledValues.Storage;
import io.tandem.weights.PickledValues.Tensor;
import io.tandem.weights.TorchStorages.Region;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The tensors of a {@code .pth} file that {@code torch.save} wrote, or of a TorchScript archive: a
 * zip archive of one pickle and one entry per storage, or the same one after the other, as torch
 * before 1.6 wrote them.
 *
 * <p>Reads flat state dicts, training checkpoints of VAR, whose model lies under {@code trainer ->
 * var_wo_ddp}, and the parameters and buffers of script modules. Nothing in the pickle is run, and
 * no source of an archive is looked at; all claims are checked before any tensor is read.
 *
 * @see <a href="https://github.com/pytorch/pytorch/blob/v2.7.1/torch/serialization.py">
 *     torch.serialization._save</a>
 */
public final class TorchCheckpoint implements WeightSource {

  private static final int SHOWN_KEYS = 5;

  /** More than any network has; objects that contain each other end the search here. */
  private static final int MAX_DEPTH = 64;

  private static final int MAX_VALUES = 100_000;
  private static final int MAX_NAME = 1024;
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
    TorchStorages storages =
        TorchStorages.isOld(file) ? TorchStorages.old(file) : TorchStorages.zipped(file);
    Map<String, Found> tensors = new LinkedHashMap<>();
    namedValues(file, storages.root())
        .forEach(
            (name, value) -> {
              if (value instanceof Tensor tensor) {
                Region region = storages.regions().get(tensor.storage().key());
                tensors.put(name, found(file, name, tensor, region));
              }
            });
    if (tensors.isEmpty()) {
      throw noTensors(file, storages.root());
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

  private static Map<String, Object> namedValues(MappedFile file, Object root) {
    if (root instanceof ScriptObject object) {
      Map<String, Object> values = new LinkedHashMap<>();
      addAttributes(file, values, "", object, 0);
      return values;
    }
    return stateDict(root);
  }

  /** Adds what an object holds under the names that its state dict would have. */
  private static void addAttributes(
      MappedFile file, Map<String, Object> values, String prefix, ScriptObject object, int depth) {
    if (depth > MAX_DEPTH || values.size() > MAX_VALUES || prefix.length() > MAX_NAME) {
      throw Refusal.of(
          file.origin(),
          "its objects are nested more than %d deep, hold more than %d values or have names of more"
              + " than %d characters. %s",
          MAX_DEPTH,
          MAX_VALUES,
          MAX_NAME,
          RESAVE);
    }
    object
        .attributes()
        .forEach(
            (name, value) -> {
              values.put(prefix + name, value);
              if (value instanceof ScriptObject inner) {
                addAttributes(file, values, prefix + name + ".", inner, depth + 1);
              }
            });
  }

  private static Map<String, Object> stateDict(Object root) {
    Map<String, Object> flat = entriesOf(root);
    Map<String, Object> nested = entriesOf(entriesOf(flat.get("trainer")).get("var_wo_ddp"));
    return nested.isEmpty() ? flat : nested;
  }

  private static Map<String, Object> entriesOf(Object value) {
    return value instanceof Dict dict ? dict.entries() : Map.of();
  }

  private static Found found(MappedFile file, String name, Tensor tensor, Region region) {
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
    checkStorage(file, name, storage, region);
    StridedView view = new StridedView(tensor.offset(), tensor.shape(), tensor.strides());
    Optional<String> fault = view.fault(storage.numbers());
    if (fault.isPresent()) {
      throw Refusal.of(
          file.origin(), "tensor '%s' %s. %s", Refusal.shown(name), fault.get(), RESAVE);
    }
    return new Found(new TensorSpec(name, format, tensor.shape()), view, region.offset());
  }

  private static void checkStorage(MappedFile file, String name, Storage storage, Region region) {
    if (region == null) {
      throw Refusal.of(
          file.origin(),
          "the numbers of tensor '%s' are missing: no entry data/%s. %s",
          Refusal.shown(name),
          Refusal.shown(storage.key()),
          RESAVE);
    }
    int width = storage.format().orElseThrow().bytes();
    if (storage.numbers() < 0 || storage.numbers() > region.bytes() / width) {
      throw Refusal.of(
          file.origin(),
          "the storage of tensor '%s' claims %d numbers of %d bytes, but its record data/%s has %d "
              + "bytes. %s",
          Refusal.shown(name),
          storage.numbers(),
          width,
          Refusal.shown(storage.key()),
          region.bytes(),
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
