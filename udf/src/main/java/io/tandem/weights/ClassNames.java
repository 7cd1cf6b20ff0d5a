package io.tandem.weights;

import static io.tandem.base.Checks.check;

import java.util.List;
import java.util.Map;

/** What the classes of a transformer are called, as the header of its file tells. */
public final class ClassNames {

  private static final String KEY = "tandem.classes";

  /** Between two names. */
  private static final String SEPARATOR = "\n";

  private static final int LONGEST = 200;

  private ClassNames() {}

  /** Returns the text of {@code names}, in the order of the classes, for the header of a file. */
  public static Map<String, String> header(List<String> names) {
    names.forEach(name -> requireName("the header of a checkpoint", name));
    return Map.of(KEY, String.join(SEPARATOR, names));
  }

  /**
   * Returns the names in the header of {@code transformer}, none if it has no such text.
   *
   * @param classes how many it must have
   * @throws io.tandem.base.UserError if there are more or fewer, or one is no name
   */
  public static List<String> of(WeightSource transformer, int classes) {
    String text = transformer.metadata().get(KEY);
    return text == null
        ? List.of()
        : checked(transformer.origin(), List.of(text.split(SEPARATOR, -1)), classes);
  }

  /**
   * Returns {@code names} if there is one for each class.
   *
   * @param origin where they are from, for messages
   * @throws io.tandem.base.UserError otherwise
   */
  public static List<String> checked(String origin, List<String> names, int classes) {
    check(
        names.size() == classes,
        "Cannot use the %d class names in '%s': the models know %d classes (one name each)",
        names.size(),
        origin,
        classes);
    names.forEach(name -> requireName("'" + origin + "'", name));
    return List.copyOf(names);
  }

  private static void requireName(String origin, String name) {
    check(
        !name.isBlank()
            && name.length() <= LONGEST
            && name.chars().noneMatch(Character::isISOControl),
        "Cannot use the class names in %s: one is empty, longer than %d letters or has control"
            + " characters",
        origin,
        LONGEST);
  }
}
