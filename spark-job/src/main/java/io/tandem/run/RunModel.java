package io.tandem.run;

import static io.tandem.base.Checks.check;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Serializable;
import java.util.regex.Pattern;

/**
 * A model that a run decodes with.
 *
 * @param name what the plan calls it
 * @param origin file, address or built-in model as the user gave it, without a password
 * @param bytes size of its file or weights
 * @param sha256 digest of its file or weights, 64 lower-case hexadecimal digits
 */
public record RunModel(String name, String origin, long bytes, String sha256)
    implements Serializable {

  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

  public RunModel {
    check(!name.isEmpty(), "Cannot use a model without a name");
    check(bytes >= 0, "Cannot use model '%s': it has %d bytes", Shown.text(name), bytes);
    check(
        DIGEST.matcher(sha256).matches(),
        "Cannot use model '%s': its digest is '%s' (64 hexadecimal digits are needed)",
        Shown.text(name),
        Shown.text(sha256));
    origin = UserInfo.hidden(origin);
  }

  static RunModel read(Fields fields) {
    return new RunModel(
        fields.text("name"),
        fields.text("origin"),
        fields.number("bytes", 0),
        fields.text("sha256"));
  }

  void write(ObjectNode json) {
    json.put("name", name).put("origin", origin).put("bytes", bytes).put("sha256", sha256);
  }
}
