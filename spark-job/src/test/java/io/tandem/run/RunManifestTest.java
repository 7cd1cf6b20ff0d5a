package io.tandem.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RunManifestTest {

  private static final String STORED =
      """
      {
        "kind" : "tandem-generate-run",
        "schema_version" : 1,
        "run_id" : "0123456789abcdef0123456789abcdef",
        "tandem" : "0.1.0",
        "created" : "2026-01-31T12:00:00Z",
        "settings" : {
          "guidance" : "1.5",
          "images" : "1000",
          "plan" : "big:1-8,small:9-10"
        },
        "models" : [ {
          "name" : "big",
          "origin" : "s3a://bucket/d30.pth",
          "bytes" : 123,
          "sha256" : "%s"
        }, {
          "name" : "small",
          "origin" : "demo:small",
          "bytes" : 123,
          "sha256" : "%s"
        } ],
        "identity" : {
          "device" : "AVX512",
          "precision" : "fp32"
        },
        "segments" : [ {
          "first_wave" : 0,
          "first_sample" : 0,
          "end_sample" : 1000,
          "wave_images" : 300
        } ]
      }
      """
          .formatted("a".repeat(64), "b".repeat(64));

  @Test
  void isStoredLikeThis() {
    assertThat(new String(Runs.manifest().bytes(), StandardCharsets.UTF_8)).isEqualTo(STORED);
    assertThat(read(STORED)).isEqualTo(Runs.manifest());
  }

  @Test
  void mayHaveFieldsOfLaterVersions() {
    assertThat(read(STORED.replaceFirst("\\{", "{\"new\": [1],"))).isEqualTo(Runs.manifest());
  }

  @Test
  void survivesSerialisation() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(Runs.manifest());
      out.writeObject(Runs.record(Runs.manifest(), 1));
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      assertThat(in.readObject()).isEqualTo(Runs.manifest());
      assertThat(in.readObject()).isEqualTo(Runs.record(Runs.manifest(), 1));
    }
  }

  @Test
  void storesNoPassword() {
    RunModel model = Runs.model("big", "s3a://key:planted@bucket/d30.pth", "a");

    assertThat(model.origin()).isEqualTo("s3a://***@bucket/d30.pth");
    assertThat(Runs.model("b", "abfss://container@account/x", "a").origin())
        .isEqualTo("abfss://container@account/x");
    assertThat(Runs.model("b", "hdfs://host:8020/user/a@b/x", "a").origin())
        .isEqualTo("hdfs://host:8020/user/a@b/x");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`` | it is no tandem-generate-run of Tandem",
        "[] | it is no tandem-generate-run of Tandem",
        "null | it is no tandem-generate-run of Tandem",
        "{\"kind\": 1} | it is no tandem-generate-run of Tandem",
        "{\"kind\": \"tandem-wave\"} | it is no tandem-generate-run of Tandem",
        "{\"kind\": \"tandem-generate-run\"} | 'schema_version' is missing (a whole number, 1 to"
            + " 9223372036854775807, is needed)",
      })
  void rejectsWhatIsNoManifest(String content, String found) {
    assertRejected(content, found);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "hello",
        "{} {}",
        "{\"kind\": \"a\", \"kind\": \"b\"}",
        "{\"a\": NaN}",
        "{\"a\": 1111111111111111111111111111111111111111111111}",
        "\u0000\u0001"
      })
  void rejectsWhatIsNoJson(String content) {
    assertThatThrownBy(() -> read(content))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith("Cannot read 'out/run.json': it is no JSON (");
  }

  @Test
  void rejectsNestedBombs() {
    for (String each : new String[] {"[", "{\"a\":"}) {
      assertThatThrownBy(() -> read(each.repeat(1_000_000)))
          .isInstanceOf(UserError.class)
          .hasMessageStartingWith("Cannot read 'out/run.json': it is no JSON (")
          .hasMessageContaining("16");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"schema_version\" : 1 | \"schema_version\" : 2 | it has schema version 2 (1 to 1). Use the"
            + " Tandem that wrote it, or a newer one.",
        "\"created\" : \"2026-01-31T12:00:00Z\" | \"created\" : \"soon\" | 'created' is \"soon\" (a"
            + " time such as 2026-01-31T12:00:00Z is needed)",
        "\"tandem\" : \"0.1.0\" | \"tandem\" : 1 | 'tandem' is 1 (a text is needed)",
        "\"wave_images\" : 300 | \"wave_images\" : 0 | 'segments[0].wave_images' is 0 (a whole"
            + " number, 1 to 9223372036854775807, is needed)",
        "\"end_sample\" : 1000 | \"end_sample\" : 1e3 | 'segments[0].end_sample' is 1000.0 (a whole"
            + " number, 1 to 9223372036854775807, is needed)",
        "\"first_wave\" : 0 | \"first_wave\" : 2147483648 | 'segments[0].first_wave' is 2147483648 (a"
            + " whole number, 0 to 2147483647, is needed)",
        "\"first_wave\" : 0 | \"first_wave\" : 1 | Cannot plan waves: a segment starts at wave 1 and"
            + " sample 0 (wave 0 and sample 0 come next)",
        "\"guidance\" : \"1.5\" | \"guidance\" : 1.5 | 'settings.guidance' is 1.5 (a text is needed)",
        "\"name\" : \"small\" | \"name\" : \"big\" | Two models are called 'big'",
        "\"run_id\" : \"01 | \"run_id\" : \"<script> | Cannot use run id"
            + " '<script>23456789abcdef0123456789abcdef' (1 to 64 letters, digits, '.', '_' and '-',"
            + " the first one a letter or digit)",
        "\"bytes\" : 123 | \"bytes\" : -1 | 'models[0].bytes' is -1 (a whole number, 0 to"
            + " 9223372036854775807, is needed)",
      })
  void rejectsNonsense(String good, String bad, String found) {
    assertThat(STORED).contains(good);

    assertRejected(STORED.replaceFirst(Pattern.quote(good), bad), found);
  }

  @Test
  void refusesToStoreWhatItCouldNotRead() {
    TreeMap<String, String> options = new TreeMap<>(Map.of("labels", "1".repeat((1 << 22) + 1)));

    assertThatThrownBy(() -> new RunSettings(options, List.of(), new TreeMap<>()))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot store option 'labels': it has 4194305 characters (at most 4194304)");
  }

  @Test
  void anExtensionBeginsWithTheSamePlan() {
    assertThatThrownBy(
            () -> Runs.manifest().extended(Runs.settings().options(), WavePlan.of(2000, 300)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void drawsIdsThatItAccepts() {
    String id = RunId.drawn();

    assertThat(id).matches("[0-9a-f]{32}").isNotEqualTo(RunId.drawn());
    assertThat(RunId.checked(id)).isEqualTo(id);
    assertThat(RunId.checked("My_run-2.b")).isEqualTo("My_run-2.b");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "a/b", "-a", "_a", "a b", "<b>", "a&b", "é", "a\n", "a\""})
  void rejectsIdsThatPathsOrPagesMustQuote(String id) {
    assertThatThrownBy(() -> RunId.checked(id))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot use run id '%s' (1 to 64 letters, digits, '.', '_' and '-', the first one a"
                + " letter or digit)",
            id.replace('\n', '?'));
  }

  private static void assertRejected(String content, String found) {
    assertThatThrownBy(() -> read(content))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot read 'out/run.json': " + found);
  }

  private static RunManifest read(String content) {
    return RunManifest.read("out/run.json", content.getBytes(StandardCharsets.UTF_8));
  }
}
