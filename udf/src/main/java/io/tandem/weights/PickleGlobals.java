package io.tandem.weights;

import io.tandem.weights.PickledValues.Dict;
import io.tandem.weights.PickledValues.Global;
import io.tandem.weights.PickledValues.Opaque;
import io.tandem.weights.PickledValues.Storage;
import io.tandem.weights.PickledValues.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The allow-list of the pickle reader, and what its members turn into.
 *
 * <p>A global is only ever a name here. The two functions and three classes that torch.save calls
 * in a pickle become records; no other call exists.
 *
 * @see <a href="https://github.com/pytorch/pytorch/blob/v2.7.1/torch/_utils.py">
 *     torch._utils._rebuild_tensor_v2</a>
 */
final class PickleGlobals {

  /** Whose pickle it is: each writer needs a few globals of its own. */
  enum Writer {
    /** {@code torch.save}. */
    SAVE,
    /** {@code torch.jit.save}: objects of the archive's own classes, and lists of plain values. */
    SCRIPT
  }

  /** As many axes as libtorch allows. */
  private static final int MAX_AXES = 64;

  private static final String TENSOR = "torch._utils._rebuild_tensor_v2";
  private static final String PARAMETER = "torch._utils._rebuild_parameter";
  private static final String ORDERED_DICT = "collections.OrderedDict";
  private static final String SIZE = "torch.Size";
  private static final String DEVICE = "torch.device";

  private static final Set<String> STORAGES =
      Set.of(
          "ByteStorage",
          "CharStorage",
          "ShortStorage",
          "IntStorage",
          "LongStorage",
          "BoolStorage",
          "HalfStorage",
          "BFloat16Storage",
          "FloatStorage",
          "DoubleStorage");

  private static final Set<String> DTYPES =
      Set.of(
          "uint8",
          "int8",
          "int16",
          "int32",
          "int64",
          "bool",
          "float16",
          "bfloat16",
          "float32",
          "float64");

  private static final String SCRIPT_CLASSES = "__torch__.";

  private static final Set<String> SCRIPT_VALUES =
      Set.of(
          "torch.jit._pickle.build_intlist",
          "torch.jit._pickle.build_tensorlist",
          "torch.jit._pickle.build_doublelist",
          "torch.jit._pickle.build_boollist",
          "torch.jit._pickle.restore_type_tag");

  private final PickleInput input;
  private final Writer writer;
  private final Map<String, Storage> storages = new LinkedHashMap<>();

  PickleGlobals(PickleInput input, Writer writer) {
    this.input = input;
    this.writer = writer;
  }

  /**
   * Returns an allowed global.
   *
   * @throws io.tandem.base.UserError naming any other one
   */
  Global global(String module, String name) {
    String full = module + "." + name;
    boolean allowed =
        switch (full) {
          case TENSOR, PARAMETER, ORDERED_DICT, SIZE, DEVICE -> true;
          default ->
              (module.equals("torch") && (STORAGES.contains(name) || DTYPES.contains(name)))
                  || (writer == Writer.SCRIPT && isOfScripts(full));
        };
    if (!allowed) {
      throw input.refused(
          "its pickle names the global %s (only tensors and plain containers are allowed). Nothing "
              + "of it was run: ask its author for a plain state dict.",
          Refusal.shown(full));
    }
    return new Global(full);
  }

  private static boolean isOfScripts(String full) {
    return full.startsWith(SCRIPT_CLASSES) || SCRIPT_VALUES.contains(full);
  }

  /** Returns what calling {@code callable} stands for. */
  Object reduce(Object callable, Object arguments) {
    if (!(callable instanceof Global global) || !(arguments instanceof List<?> list)) {
      throw input.damaged("a call has no global or no arguments");
    }
    return switch (global.name()) {
      case TENSOR -> tensor(list);
      case PARAMETER -> parameter(list);
      case ORDERED_DICT -> orderedDict(list);
      case SIZE -> list.isEmpty() ? List.of() : list.get(0);
      case DEVICE -> Opaque.VALUE;
      default -> {
        if (!SCRIPT_VALUES.contains(global.name())) {
          throw input.refused("its pickle calls %s, which is no function", global.name());
        }
        yield Opaque.VALUE;
      }
    };
  }

  /** Returns whether {@code type} is a class whose objects are only their attributes. */
  boolean isScriptClass(Object type) {
    return type instanceof Global global && global.name().startsWith(SCRIPT_CLASSES);
  }

  /**
   * Returns the storage that a persistent id of torch.save stands for. Files of the old format add
   * what it is a view of, which is None for all that are not views.
   */
  Storage storage(Object persistentId) {
    if (persistentId instanceof List<?> id
        && (id.size() == 5 || (id.size() == 6 && id.get(5) == Opaque.VALUE))
        && "storage".equals(text(id.get(0)))
        && id.get(1) instanceof Global type
        && type.name().endsWith("Storage")
        && id.get(2) instanceof String key
        && id.get(4) instanceof Long numbers) {
      Storage storage = new Storage(type.name().substring("torch.".length()), key, numbers);
      storages.putIfAbsent(key, storage);
      return storage;
    }
    throw input.damaged("a persistent id is not that of a storage");
  }

  /** Returns all storages so far, by key. */
  Map<String, Storage> storages() {
    return storages;
  }

  private Tensor tensor(List<?> arguments) {
    if (arguments.size() >= 4
        && arguments.get(0) instanceof Storage storage
        && arguments.get(1) instanceof Long offset) {
      return new Tensor(storage, offset, sizes(arguments.get(2)), sizes(arguments.get(3)));
    }
    throw input.damaged("a tensor is not built from storage, offset, shape and strides");
  }

  private Tensor parameter(List<?> arguments) {
    if (!arguments.isEmpty() && arguments.get(0) instanceof Tensor tensor) {
      return tensor;
    }
    throw input.damaged("a parameter is not built from a tensor");
  }

  private Dict orderedDict(List<?> arguments) {
    if (arguments.isEmpty()) {
      return new Dict();
    }
    throw input.damaged("an OrderedDict is built from arguments");
  }

  private List<Long> sizes(Object argument) {
    if (argument instanceof List<?> list && list.size() <= MAX_AXES) {
      List<Long> sizes = new ArrayList<>();
      for (Object size : list) {
        if (!(size instanceof Long number)) {
          throw input.damaged("a tensor has a size or stride that is no integer");
        }
        sizes.add(number);
      }
      return List.copyOf(sizes);
    }
    throw input.damaged("a tensor has no tuple of at most " + MAX_AXES + " sizes and strides");
  }

  private static String text(Object value) {
    return value instanceof String string ? string : "";
  }
}
