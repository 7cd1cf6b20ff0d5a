package io.tandem.report;

import java.util.List;
import java.util.Map;

/**
 * A page of HTML that needs nothing but itself: no network, no scripts, for light and dark, wide
 * and narrow. It is well-formed XML as well, so that a test can read it. Not thread-safe.
 */
final class Page {

  /** What the file of a page begins with. */
  static final String BEGIN =
      """
      <!doctype html>
      <html lang='en'>
      <head>
      <meta charset='utf-8'/>
      <meta name='generator' content='Tandem report'/>
      """;

  private static final String HEAD =
      """
      <meta name='viewport' content='width=device-width, initial-scale=1'/>
      <meta name='color-scheme' content='light dark'/>
      <meta http-equiv='Content-Security-Policy' content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"/>
      <link rel='icon' href='data:,'/>
      <title>%s</title>
      <style>
      %s</style>
      </head>
      <body>
      """;

  private static final String STYLE =
      """
      :root{color-scheme:light dark;--back:#fff;--card:#f5f7f9;--ink:#1d2733;--faint:#5a6673;--line:#d5dbe1;--good:#00734f;--bad:#b32d00}
      @media (prefers-color-scheme:dark){:root{--back:#12171c;--card:#1b2229;--ink:#e6ebf0;--faint:#9fabb7;--line:#36414c;--good:#2fcf9f;--bad:#ff8f4d}}
      *{box-sizing:border-box}
      body{margin:0 auto;padding:16px;max-width:1280px;background:var(--back);color:var(--ink);font:15px/1.45 system-ui,sans-serif}
      h1{font-size:1.5rem;margin:.2em 0;overflow-wrap:anywhere} h2{font-size:1.15rem;margin:1.8em 0 .5em}
      p{margin:.4em 0} .faint{color:var(--faint)} .good{color:var(--good)} .bad{color:var(--bad)}
      .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(140px,1fr));gap:10px;margin:14px 0}
      .tile{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:8px 12px;min-width:0}
      .tile b{display:block;font-size:1.2rem;overflow-wrap:anywhere} .tile span{color:var(--faint);font-size:.85rem}
      .charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,420px),1fr));gap:14px}
      .charts figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:8px;padding:10px;min-width:0}
      .charts figcaption{font-weight:600;margin-bottom:4px} .charts svg{width:100%;height:auto;display:block}
      .sheet{display:flex;flex-wrap:wrap;gap:12px 16px}
      .sheet figure{margin:0;max-width:100%} .sheet .row{display:flex;flex-wrap:wrap;gap:4px}
      .sheet img{display:block;max-width:100%;height:auto;border-radius:3px}
      .sheet figcaption{font-size:.82rem;color:var(--faint);overflow-wrap:anywhere}
      .sheet.one figure{max-width:132px}
      .scroll{overflow-x:auto} table{border-collapse:collapse;font-size:.88rem}
      th,td{text-align:left;padding:3px 12px 3px 0;border-bottom:1px solid var(--line);vertical-align:top}
      td.number,th.number{text-align:right;font-variant-numeric:tabular-nums}
      td{overflow-wrap:anywhere} .scroll td,.scroll th{overflow-wrap:normal;white-space:nowrap} td.wide{white-space:normal!important;min-width:16em;overflow-wrap:anywhere!important}
      .pairs{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:0 24px} .pairs table{width:100%} .pairs th{width:38%;font-weight:400;color:var(--faint)}
      pre{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:10px;overflow-x:auto;font-size:.85rem}
      code{font-family:ui-monospace,monospace;font-size:.92em;overflow-wrap:anywhere}
      """;

  private final StringBuilder html;

  Page(String title) {
    html = new StringBuilder(BEGIN);
    html.append(Markup.format(HEAD, Markup.escaped(title), STYLE + Chart.style()));
  }

  /** Adds HTML that is escaped already. */
  Page html(String element) {
    html.append(element).append('\n');
    return this;
  }

  /** Adds the title of a section. */
  Page section(String title) {
    return html("<h2>" + Markup.escaped(title) + "</h2>");
  }

  /** Adds a paragraph. */
  Page text(String text) {
    return html("<p>" + Markup.escaped(text) + "</p>");
  }

  /** Adds a paragraph that explains what is above or below it. */
  Page note(String text) {
    return html("<p class='faint'>" + Markup.escaped(text) + "</p>");
  }

  /** Adds what the reader should see first: values by their names. */
  Page tiles(Map<String, String> values) {
    html("<div class='tiles'>");
    values.forEach(
        (name, value) ->
            html(
                "<div class='tile'><b>%s</b><span>%s</span></div>"
                    .formatted(Markup.escaped(value), Markup.escaped(name))));
    return html("</div>");
  }

  /** Adds charts, beside each other where there is room. */
  Page charts(List<CaptionedChart> charts) {
    html("<div class='charts'>");
    for (CaptionedChart each : charts) {
      html("<figure><figcaption>" + Markup.escaped(each.caption) + "</figcaption>");
      html(each.chart.svg() + "</figure>");
    }
    return html("</div>");
  }

  /** A chart with what stands above it. */
  record CaptionedChart(String caption, Chart chart) {}

  /** Adds values by their names, in two columns where there is room. */
  Page pairs(Map<String, String> values) {
    html("<div class='pairs'>");
    List<Map.Entry<String, String>> entries = List.copyOf(values.entrySet());
    int half = (entries.size() + 1) / 2;
    for (List<Map.Entry<String, String>> part :
        List.of(entries.subList(0, half), entries.subList(half, entries.size()))) {
      if (!part.isEmpty()) {
        html("<table>");
        part.forEach(
            each ->
                html(
                    "<tr><th scope='row'>%s</th><td>%s</td></tr>"
                        .formatted(
                            Markup.escaped(each.getKey()), Markup.escaped(each.getValue()))));
        html("</table>");
      }
    }
    return html("</div>");
  }

  /** How the cells of a column look. */
  enum Column {
    TEXT(""),
    NUMBER(" class='number'"),
    /** Long text, which is broken. */
    WIDE(" class='wide'");

    private final String attribute;

    Column(String attribute) {
      this.attribute = attribute;
    }
  }

  /** Adds a table that is scrolled where it is too wide. */
  Page table(List<String> head, List<Column> columns, List<List<String>> rows) {
    html("<div class='scroll'><table>");
    html("<tr>" + cells("th scope='col'", "th", head, columns) + "</tr>");
    rows.forEach(row -> html("<tr>" + cells("td", "td", row, columns) + "</tr>"));
    return html("</table></div>");
  }

  private static String cells(String begin, String end, List<String> texts, List<Column> columns) {
    StringBuilder cells = new StringBuilder();
    for (int i = 0; i < texts.size(); i++) {
      cells.append('<').append(begin).append(columns.get(i).attribute).append('>');
      cells.append(Markup.escaped(texts.get(i))).append("</").append(end).append('>');
    }
    return cells.toString();
  }

  /** Returns the page. */
  String end() {
    return html + "</body>\n</html>\n";
  }
}
