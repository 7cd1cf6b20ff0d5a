package io.tandem.dataset;

import static io.tandem.base.Checks.check;

import io.tandem.base.UserError;
import io.tandem.image.ImageFile;
import io.tandem.image.RgbImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The pictures of a folder of class folders, class by class.
 *
 * <p>Each folder directly in the given one is a class of its name; ids follow the order of the
 * names. Its pictures are the files in it that end in {@code .png}, {@code .jpg} or {@code .jpeg},
 * in upper or lower case, in the order of their names; other files, hidden files and hidden folders
 * are passed over. The folders are listed once; a picture is read, and cropped by {@link
 * SquareCrop}, whenever it is asked for.
 */
public final class FolderImages implements LabelledImages {

  private static final Set<String> ENDINGS = Set.of("png", "jpg", "jpeg");

  private final int side;
  private final List<String> classNames;
  private final List<Picture> pictures;
  private final String identity;

  private record Picture(Path file, int classId) {}

  private FolderImages(int side, List<String> classNames, List<Picture> pictures, String identity) {
    this.side = side;
    this.classNames = classNames;
    this.pictures = pictures;
    this.identity = identity;
  }

  /**
   * Lists the pictures under {@code folder}.
   *
   * @param side width and height that the pictures get, in pixels, at least 1
   * @throws UserError if there is no such folder, it has fewer than two class folders, one of them
   *     has no pictures, or a link leads out of it
   */
  public static FolderImages read(Path folder, int side) {
    check(side > 0, "Cannot read pictures of side %d (at least 1 pixel)", side);
    check(
        Files.isDirectory(folder),
        "Cannot read data set '%s': %s (a folder of class folders is needed)",
        folder,
        Files.exists(folder) ? "it is a file" : "there is no such folder");
    try {
      return listed(folder, side);
    } catch (IOException e) {
      throw UserError.because(e, "Cannot read data set '%s': %s", folder, e);
    }
  }

  private static FolderImages listed(Path folder, int side) throws IOException {
    Path root = folder.toRealPath();
    List<Path> classFolders = new ArrayList<>();
    for (Path entry : entries(folder)) {
      if (Files.isDirectory(entry)) {
        checkInside(entry, folder, root);
        classFolders.add(entry);
      }
    }
    List<Picture> pictures = new ArrayList<>();
    MessageDigest digest = sha256();
    for (int classId = 0; classId < classFolders.size(); classId++) {
      for (Path entry : entries(classFolders.get(classId))) {
        if (isPicture(entry)) {
          checkInside(entry, folder, root);
          pictures.add(new Picture(entry, classId));
          digest.update(line(folder, entry).getBytes(StandardCharsets.UTF_8));
        }
      }
    }
    checkClasses(folder, classFolders, pictures);
    return new FolderImages(
        side,
        classFolders.stream().map(FolderImages::name).toList(),
        List.copyOf(pictures),
        "folder of "
            + pictures.size()
            + " pictures, side "
            + side
            + ", names and sizes sha256 "
            + HexFormat.of().formatHex(digest.digest()));
  }

  /** Returns what is not hidden in a folder, in the order of names. */
  private static List<Path> entries(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(entry -> !name(entry).startsWith("."))
          .sorted((a, b) -> name(a).compareTo(name(b)))
          .toList();
    }
  }

  private static boolean isPicture(Path entry) {
    String name = name(entry);
    String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return ENDINGS.contains(ending) && !Files.isDirectory(entry);
  }

  private static void checkInside(Path entry, Path folder, Path root) throws IOException {
    check(
        Files.exists(entry),
        "Cannot read '%s' of data set '%s': it is a link to nothing. Remove it.",
        folder.relativize(entry),
        folder);
    check(
        entry.toRealPath().startsWith(root),
        "Cannot read '%s' of data set '%s': it is a link that leaves the folder. Copy what it points"
            + " to, or remove it.",
        folder.relativize(entry),
        folder);
  }

  private static void checkClasses(Path folder, List<Path> classFolders, List<Picture> pictures) {
    check(
        !classFolders.isEmpty(),
        "Cannot read data set '%s': there are no class folders in it (at least two, each with PNG or"
            + " JPEG files)",
        folder);
    check(
        !pictures.isEmpty(),
        "Cannot read data set '%s': there are no pictures in its %d class folders (PNG or JPEG files"
            + " are needed)",
        folder,
        classFolders.size());
    check(
        classFolders.size() > 1,
        "Cannot read data set '%s': it has one class, '%s' (at least two class folders are needed)",
        folder,
        name(classFolders.get(0)));
    for (int classId = 0; classId < classFolders.size(); classId++) {
      int wanted = classId;
      check(
          pictures.stream().anyMatch(picture -> picture.classId() == wanted),
          "Cannot read data set '%s': there are no pictures of class '%s' (PNG or JPEG files are"
              + " needed directly in its folder). Add some, or remove the folder.",
          folder,
          name(classFolders.get(classId)));
    }
  }

  private static String line(Path folder, Path file) throws IOException {
    return name(folder.relativize(file).getParent())
        + "/"
        + name(file)
        + "\t"
        + Files.size(file)
        + "\n";
  }

  private static String name(Path path) {
    return path.getFileName().toString();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Cannot hash names: every JVM has SHA-256", e);
    }
  }

  @Override
  public List<String> classNames() {
    return classNames;
  }

  @Override
  public int side() {
    return side;
  }

  @Override
  public long size() {
    return pictures.size();
  }

  @Override
  public int classId(long index) {
    return picture(index).classId();
  }

  @Override
  public RgbImage image(long index) {
    Path file = picture(index).file();
    return SquareCrop.of(ImageFile.read(file), side, file.toString());
  }

  @Override
  public String identity() {
    return identity;
  }

  private Picture picture(long index) {
    return pictures.get((int) Objects.checkIndex(index, size()));
  }
}
