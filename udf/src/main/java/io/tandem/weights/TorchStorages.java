package io.tandem.weights;

import io.tandem.weights.PickledValues.Dict;
import io.tandem.weights.PickledValues.Storage;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a torch file holds, whichever of the two formats it has: the pickled object, and where in
 * the file the numbers of each storage lie.
 *
 * @param root see {@link PickledValues}
 * @param regions of the file by the key of their storage
 */
record TorchStorages(Object root, Map<String, Region> regions) {

  /** How every file of the format before torch 1.6 starts: its magic number, pickled. */
  private static final byte[] OLD_MAGIC = HexFormat.of().parseHex("80028a0a6cfc9c46f9206aa850192e");

  private static final int MAX_PICKLE_BYTES = 64 << 20;
  private static final String RESAVE = "Save it again with torch.save.";
  private static final String CUT = "The file is cut short or damaged: copy or download it again.";

  /**
   * Consecutive bytes of a file.
   *
   * @param offset of the first one
   * @param bytes how many
   */
  record Region(long offset, long bytes) {}

  /** Returns whether {@code file} has the format before torch 1.6. */
  static boolean isOld(MappedFile file) {
    return file.bytes() >= OLD_MAGIC.length
        && Arrays.equals(file.copy(0, OLD_MAGIC.length).array(), OLD_MAGIC);
  }

  /**
   * Reads a file of the format before torch 1.6: pickles of the magic number, the version, the
   * writer's machine, the object and the keys of its storages; then each storage in the order of
   * the keys, the count of its numbers before them.
   *
   * @see <a href="https://github.com/pytorch/pytorch/blob/v2.7.1/torch/serialization.py">
   *     torch.serialization._legacy_save</a>
   */
  static TorchStorages old(MappedFile file) {
    PickleInput input =
        new PickleInput(file.map(0, Math.min(file.bytes(), MAX_PICKLE_BYTES)), file.origin());
    input.skip(OLD_MAGIC.length);
    PickleReader.next(input, PickleGlobals.Writer.SAVE);
    Object machine = PickleReader.next(input, PickleGlobals.Writer.SAVE).value();
    if (machine instanceof Dict facts
        && Boolean.FALSE.equals(facts.entries().get("little_endian"))) {
      throw Refusal.of(
          file.origin(),
          "its byte order is 'big' (little is supported). Save it again on a little-endian"
              + " machine.");
    }
    PickleReader.Content content = PickleReader.next(input, PickleGlobals.Writer.SAVE);
    Object keys = PickleReader.next(input, PickleGlobals.Writer.SAVE).value();
    if (!(keys instanceof List<?> list)) {
      throw input.damaged("the keys of the storages are no list");
    }
    Map<String, Region> regions = new LinkedHashMap<>();
    long position = input.position();
    for (Object key : list) {
      Storage storage = key instanceof String name ? content.storages().get(name) : null;
      if (storage == null) {
        throw input.damaged("a storage has no tensor");
      }
      Region region = region(file, storage, position);
      regions.put(storage.key(), region);
      position = region.offset + region.bytes;
    }
    return new TorchStorages(content.value(), regions);
  }

  private static Region region(MappedFile file, Storage storage, long position) {
    long room = file.bytes() - position - Long.BYTES;
    long numbers = room < 0 ? 0 : file.copy(position, Long.BYTES).getLong();
    if (room < 0 || numbers < 0 || numbers > room / storage.width()) {
      throw Refusal.of(
          file.origin(),
          "storage '%s' claims %d numbers from byte %d on, which lie outside the file. %s",
          Refusal.shown(storage.key()),
          numbers,
          position,
          CUT);
    }
    return new Region(position + Long.BYTES, numbers * storage.width());
  }

  /** Reads a zip archive of torch.save or torch.jit.save, whose sources are not looked at. */
  static TorchStorages zipped(MappedFile file) {
    Map<String, ZipDirectory.Entry> entries = ZipDirectory.read(file);
    ZipDirectory.Entry pickle = pickle(file, entries);
    String folder = pickle.name().substring(0, pickle.name().indexOf('/') + 1);
    checkByteOrder(file, entries.get(folder + "byteorder"));
    PickleGlobals.Writer writer =
        entries.containsKey(folder + "constants.pkl")
            ? PickleGlobals.Writer.SCRIPT
            : PickleGlobals.Writer.SAVE;
    PickleInput input = new PickleInput(file.map(pickle.offset(), pickle.bytes()), file.origin());
    Object root = PickleReader.next(input, writer).value();
    Map<String, Region> regions = new LinkedHashMap<>();
    String data = folder + "data/";
    entries.forEach(
        (name, entry) -> {
          if (name.startsWith(data)) {
            regions.put(name.substring(data.length()), new Region(entry.offset(), entry.bytes()));
          }
        });
    return new TorchStorages(root, regions);
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
}
