package io.tandem.run;

import java.util.regex.Pattern;

/** Keeps passwords that are part of addresses, {@code s3a://KEY:SECRET@bucket}, out of sight. */
final class UserInfo {

  /** A name, a colon that no port follows, and what comes before the last {@code @} of the word. */
  private static final Pattern SECRET =
      Pattern.compile("(://)[^/\\s:'\"@]*:(?!\\d+(?:/|$))[^\\s'\"]*@");

  private UserInfo() {}

  /** Returns {@code text} with {@code ***} for names that have passwords. */
  static String hidden(String text) {
    return SECRET.matcher(text).replaceAll("$1***@");
  }
}
