package io.tandem.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.SparkConf;
import org.apache.spark.internal.config.package$;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedactionTest {

  private static final String SECRET = "Zx9/planted+S3cr3t";

  private static final Map<String, String> SETTINGS =
      Map.of(
          "spark.hadoop.fs.s3a.secret.key", SECRET,
          "spark.executorEnv.X_PASSWORD", "hunter-2222",
          "spark.hadoop.fs.s3a.access.key", "AKIA0123456789",
          "spark.hadoop.fs.s3a.token.enabled", "false",
          "spark.app.name", "named");

  @Test
  void hasSparksUsualRule() {
    assertThat(Redaction.USUAL_RULE)
        .isEqualTo(package$.MODULE$.SECRET_REDACTION_PATTERN().defaultValueString());
    assertThat(Redaction.RULE).isEqualTo(package$.MODULE$.SECRET_REDACTION_PATTERN().key());
  }

  @Test
  void hidesWhatSparkHides() {
    Map<String, String> settings = new TreeMap<>(SETTINGS);
    settings.put("spark.driver.extraJavaOptions", "-Dpassword=abc");
    settings.put("spark.sql.shuffle.partitions", "4");

    assertThat(Redaction.of(settings).values(settings)).isEqualTo(redactedBySpark(settings));
  }

  @Test
  void hidesByTheUsersRule() {
    Map<String, String> settings =
        Map.of(Redaction.RULE, "(?i)colou?r", "spark.colour", "emerald", "spark.password", "seen");

    Redaction redaction = Redaction.of(settings);

    assertThat(redaction.values(settings))
        .containsEntry("spark.colour", Redaction.REPLACEMENT)
        .containsEntry("spark.password", "seen")
        .isEqualTo(redactedBySpark(settings));
    assertThat(redaction.text("is emerald")).isEqualTo("is " + Redaction.REPLACEMENT);
  }

  @Test
  void refusesARuleThatIsNone() {
    assertThatThrownBy(() -> Redaction.of(Map.of(Redaction.RULE, "(")))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot use spark.redaction.regex: it is no regular expression (Unclosed group)");
  }

  @Test
  void findsSecretsOfSettingsInTexts() {
    Redaction redaction = Redaction.of(SETTINGS);

    assertThat(redaction.text("Forbidden: " + SECRET + " and hunter-2222, false, named"))
        .isEqualTo("Forbidden: %1$s and %1$s, false, named".formatted(Redaction.REPLACEMENT));
  }

  @ParameterizedTest
  @CsvSource({
    "s3a://AKIA:planted@bucket/out, s3a://*********(redacted)@bucket/out",
    "in 's3a://AKIA:pl/an+ted@bucket/' now, in 's3a://*********(redacted)@bucket/' now",
    "https://:planted@host/x, https://*********(redacted)@host/x",
    "https://host/x?sv=1&sig=planted%3D, https://host/x?sv=1&sig=*********(redacted)",
    "https://host/x?X-Amz-Signature=planted, https://host/x?X-Amz-Signature=*********(redacted)",
    "--conf spark.hadoop.fs.s3a.secret.key=planted x, --conf spark.hadoop.fs.s3a.secret.key=*********(redacted) x"
  })
  void hidesSecretsThatTextsNameThemselves(String text, String shown) {
    assertThat(Redaction.of(Map.of()).text(text)).isEqualTo(shown);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hdfs://namenode:8020/user/a@b/out",
        "abfss://container@account.dfs.core.windows.net/out",
        "s3a://bucket/a:b@c",
        "tokens=3 of --token-scales=2, tokens_sha256=aa",
        "http://127.0.0.1:4040/jobs",
        "a $1 \\ b?c=$2"
      })
  void leavesWhatIsNoSecret(String text) {
    assertThat(Redaction.of(Map.of()).text(text)).isEqualTo(text);
  }

  /** Spark's own function, which Java programs cannot call by contract. */
  private static Map<String, String> redactedBySpark(Map<String, String> settings) {
    SparkConf conf = new SparkConf(false);
    settings.forEach(conf::set);
    Map<String, String> shown = new TreeMap<>();
    var pairs =
        org.apache.spark.util.Utils.redact(
            conf, scala.collection.JavaConverters.asScalaBuffer(java.util.List.of(conf.getAll())));
    scala.collection.JavaConverters.seqAsJavaList(pairs)
        .forEach(pair -> shown.put(pair._1(), pair._2()));
    return shown;
  }
}
