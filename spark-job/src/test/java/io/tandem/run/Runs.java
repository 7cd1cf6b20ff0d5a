package io.tandem.run;

import io.tandem.wave.Wave;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Manifests and records to try things with. */
final class Runs {

  private static final String FOOTER = "0f".repeat(32);

  static final String ID = "0123456789abcdef0123456789abcdef";
  static final Instant NOON = Instant.parse("2026-01-31T12:00:00Z");

  private Runs() {}

  static RunSettings settings() {
    return new RunSettings(
        new TreeMap<>(Map.of("guidance", "1.5", "images", "1000", "plan", "big:1-8,small:9-10")),
        List.of(model("big", "s3a://bucket/d30.pth", "a"), model("small", "demo:small", "b")),
        new TreeMap<>(Map.of("device", "AVX512", "precision", "fp32")));
  }

  static RunModel model(String name, String origin, String digit) {
    return new RunModel(name, origin, 123, digit.repeat(64));
  }

  static RunManifest manifest() {
    return manifest(WavePlan.of(1000, 300));
  }

  static RunManifest manifest(WavePlan plan) {
    return new RunManifest(new RunOrigin(ID, "0.1.0", NOON), settings(), plan);
  }

  static WaveRecord record(RunManifest manifest, int wave) {
    return record(manifest.runId(), manifest.plan().wave(wave), "write-" + wave);
  }

  static WaveRecord record(String runId, Wave wave, String writeId) {
    long half = wave.images() / 2;
    return new WaveRecord(
        runId,
        wave,
        writeId,
        new WaveFiles(
            List.of(
                new DataFile("part-0.parquet", 1000, half, FOOTER),
                new DataFile("part-1.parquet", 500, wave.images() - half, FOOTER)),
            List.of(new DataFile("part-0.parquet", 70, 40, FOOTER))),
        new WaveSums(wave.images(), wave.number() % 2, 5_000_000_000L, 2_000_000_000L),
        NOON);
  }
}
