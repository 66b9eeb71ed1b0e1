package dev.penstock.tools.program;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.WriteOptions;
import dev.penstock.tools.Cli;
import dev.penstock.tools.process.ExitCode;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The page of {@code inspect --html} in a real browser, as wide as a phone, as a desk and as the paper of a printer:
 * nothing is cut off, nothing is too small or too pale to read, and the page asks for nothing.
 */
public class InspectionPageIT {

    private static final String HOSTILE = "</script><img src=\"http://127.0.0.1:9/x\" onerror=alert(1)>&lt;'\"\u2028";
    private static final long DAY_MILLIS = 86_400_000;

    /** What would be wrong on the page, a line for each. Tables alone may be wider than the screen, and scroll. */
    private static final String FAULTS = """
            (() => {
              const print = matchMedia('print').matches;
              const faults = [];
              const root = document.documentElement;
              if (root.scrollWidth > root.clientWidth) {
                faults.push('the page is ' + root.scrollWidth + ' px wide, of ' + root.clientWidth);
              }
              const rgb = text => text.match(/[\\d.]+/g).map(Number);
              const light = color => rgb(color).slice(0, 3).map(each => each / 255)
                  .map(each => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4)
                  .reduce((sum, each, index) => sum + each * [0.2126, 0.7152, 0.0722][index], 0);
              const contrast = (one, other) => {
                const [dim, bright] = [light(one), light(other)].sort((a, b) => a - b);
                return (bright + 0.05) / (dim + 0.05);
              };
              const ground = element => {
                while (element && rgb(getComputedStyle(element).backgroundColor)[3] === 0) {
                  element = element.parentElement;
                }
                return element ? getComputedStyle(element).backgroundColor : 'rgb(255, 255, 255)';
              };
              const name = element => '<' + element.tagName + '> ' + element.textContent.slice(0, 40);
              const walker = document.createTreeWalker(document.getElementById('report'), NodeFilter.SHOW_TEXT);
              const boxes = [];
              for (let text = walker.nextNode(); text; text = walker.nextNode()) {
                const element = text.parentElement;
                const style = getComputedStyle(element);
                const range = document.createRange();
                range.selectNodeContents(text);
                const scroll = element.closest('.scroll');
                const section = element.closest('section, .tile') || root;
                const limits = (scroll && !print ? scroll.querySelector('table') : section).getBoundingClientRect();
                for (const box of range.getClientRects()) {
                  if (box.left < limits.left - 1 || box.right > limits.right + 1) {
                    faults.push('cut off: ' + name(element));
                  }
                  boxes.push([box, element]);
                }
                if (element.scrollWidth > element.clientWidth + 1 && style.overflowX === 'hidden') {
                  faults.push('ends in an ellipsis: ' + name(element));
                }
                if (parseFloat(style.fontSize) < (print ? 9 : 12)) {
                  faults.push('too small, ' + style.fontSize + ': ' + name(element));
                }
                if (contrast(style.color, ground(element)) < 4.5) {
                  faults.push('too pale, ' + style.color + ' on ' + ground(element) + ': ' + name(element));
                }
              }
              boxes.forEach(([box, element], index) => boxes.slice(index + 1).forEach(([other, second]) => {
                if (element !== second && Math.min(box.right, other.right) - Math.max(box.left, other.left) > 1
                    && Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top) > 3) {
                  faults.push('over each other: ' + name(element) + ' and ' + name(second));
                }
              }));
              for (const bar of document.querySelectorAll('.chart svg')) {
                if (bar.getBoundingClientRect().width < 40) {
                  faults.push('a bar of ' + bar.getBoundingClientRect().width + ' px');
                }
              }
              return [...new Set(faults)].slice(0, 20);
            })()
            """;

    /** The colors in the map of the first segment, and the color of live bytes. */
    private static final String MAP = """
            (() => {
              const canvas = document.querySelector('canvas');
              const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
              const colors = new Set();
              for (let i = 0; i < pixels.length; i += 4) {
                colors.add('#' + [...pixels.slice(i, i + 3)].map(each => each.toString(16).padStart(2, '0')).join(''));
              }
              return [...colors].includes(getComputedStyle(document.documentElement).getPropertyValue('--live').trim())
                  + ' ' + (colors.size > 1);
            })()
            """;

    @TempDir
    private static Path folder;

    private static URI page;
    private static Browser browser;

    @BeforeAll
    static void draw() throws Exception {
        Path program = Browser.program().orElse(null);
        assumeTrue(program != null, "needs chromium");
        Path store = folder.resolve("store");
        fill(store);
        Path file = folder.resolve("page.html");
        Cli.run("inspect", store, "--html", file, "--by-prefix", ":").exits(ExitCode.OK);
        page = file.toUri();
        browser = Browser.start(program, folder);
    }

    @AfterAll
    static void end() {
        if (browser != null) {
            browser.close();
        }
    }

    /** Every chart has all its rows, and the tables have the widest cells: long keys and large numbers. */
    private static void fill(Path directory) {
        try (Store store = Store.open(directory, StoreOptions.defaults().withSegmentSize(1 << 20))) {
            for (int i = 0; i < 3000; i++) {
                byte[] key = ("user:" + i + "x".repeat(i % 10 == 0 ? i : 0)).getBytes(UTF_8);
                WriteOptions options = WriteOptions.defaults();
                if (i % 3 == 0) {
                    options = options.expiresIn(Duration.ofMillis(1000L + DAY_MILLIS * i / 7));
                }
                store.put(key, new byte[i % 700], options);
                store.put(("page:" + i % 50).getBytes(UTF_8), new byte[1 << i % 12]);
                if (i % 20 == 0) {
                    store.remove(("page:" + i % 50).getBytes(UTF_8));
                }
            }
            store.put(HOSTILE.getBytes(UTF_8), new byte[900_000]);
            store.put("w".repeat(60_000).getBytes(UTF_8), new byte[800_000]);
            store.put(new byte[] {(byte) 0xff, ':'}, new byte[3 << 20]);
        }
    }

    /** A4 has 688 px between its margins, Letter 710. */
    @ParameterizedTest
    @CsvSource({
        "390, false, false",
        "390, false, true",
        "320, false, false",
        "1280, false, false",
        "1280, false, true",
        "688, true, false",
        "688, true, true",
        "710, true, false",
    })
    void nothingIsCutOffOrIllegible(int width, boolean isPrint, boolean isDark) throws Exception {
        browser.show(page, width, isPrint, isDark);
        List<String> faults = StreamSupport.stream(browser.evaluate(FAULTS).spliterator(), false)
                .map(fault -> fault.asText())
                .toList();
        assertEquals("", String.join("\n", faults));
        assertEquals(
                5,
                browser.evaluate("document.querySelectorAll('.chart').length").asInt());
        assertEquals(
                3,
                browser.evaluate("document.querySelectorAll('.scroll table').length")
                        .asInt());
        assertEquals("true true", browser.evaluate(MAP).asText());
        String ground = browser.evaluate("getComputedStyle(document.body).backgroundColor")
                .asText();
        assertEquals(isPrint ? "rgb(255, 255, 255)" : isDark ? "rgb(22, 22, 20)" : "rgb(246, 246, 244)", ground);
        assertEquals(List.of(page.toString(), "data:,"), requests());
        assertEquals(List.of(), browser.complaints());
    }

    /** The page itself, and its icon if the browser has looked at that. */
    private static List<String> requests() {
        List<String> requests = browser.requests();
        return requests.size() == 1 ? List.of(requests.getFirst(), "data:,") : requests;
    }

    @Test
    void aColumnSortsItsTableAndAKeyIsText() throws Exception {
        browser.show(page, 390, false, false);
        String head = "[...document.querySelectorAll('.scroll th button')].find(each => each.textContent === 'value')";
        String first = "document.querySelector('.scroll tbody tr').textContent";
        String largest = browser.evaluate(first).asText();
        assertTrue(largest.startsWith("3.0 MiB"), largest);
        browser.evaluate(head + ".click()");
        assertEquals(largest, browser.evaluate(first).asText());
        browser.evaluate(head + ".click()");
        assertTrue(!browser.evaluate(first).asText().startsWith("3.0 MiB"));
        assertEquals(0, browser.evaluate("document.images.length").asInt());
        String keys = StreamSupport.stream(
                        browser.evaluate("[...document.querySelectorAll('td.key')].map(each => each.textContent)")
                                .spliterator(),
                        false)
                .map(key -> key.asText())
                .collect(Collectors.joining("\n"));
        assertTrue(keys.contains("</script><img src="), keys);
        assertEquals(List.of(), browser.complaints());
    }
}
