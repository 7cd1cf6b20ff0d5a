package io.tandem.run;

import static io.tandem.base.Checks.check;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** The name of a run, which tells it from all others in every row that it makes. */
public final class RunId {

  /** Neither a path nor HTML needs to quote these. */
  private static final Pattern LEGAL = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

  private static final int BYTES = 16;

  private RunId() {}

  /** Returns 128 random bits, in hexadecimal. */
  public static String drawn() {
    byte[] id = new byte[BYTES];
    new SecureRandom().nextBytes(id);
    return HexFormat.of().formatHex(id);
  }

  /**
   * Returns {@code id}.
   *
   * @throws io.tandem.base.UserError if it could not be part of a path or of a page as it is
   */
  public static String checked(String id) {
    check(
        LEGAL.matcher(id).matches(),
        "Cannot use run id '%s' (1 to 64 letters, digits, '.', '_' and '-', the first one a letter"
            + " or digit)",
        Shown.text(id));
    return id;
  }
}
