use palette::{IntoColor as _, Lab, LinSrgb, Srgb, color_difference::Ciede2000 as _, color_difference::Wcag21RelativeContrast as _};

use super::*;
use crate::{
    plan::Released,
    report::{Colors, Rule, fixture},
};

fn page(results: &Results) -> String {
    render(results, &Options::default())
}

/// The page without style, script and data blocks.
fn readable(page: &str) -> String {
    let mut out = String::new();
    let mut rest = page;
    while let Some((before, after)) = rest.split_once("<script") {
        out.push_str(before);
        rest = after.split_once("</script>").unwrap().1;
    }
    out.push_str(rest);
    let (head, style) = out.split_once("<style>").unwrap();
    format!("{head}{}", style.split_once("</style>").unwrap().1)
}

#[test]
fn the_page_reads_well_without_scripts() {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter("sha256-[A-Za-z0-9+/=]+", "sha256-…");
    settings.bind(|| insta::assert_snapshot!("static_pairs", readable(&page(&fixture::pairs()))));
}

#[test]
fn a_chart_shows_when_each_cell_was_made_and_executed() {
    let page = page(&fixture::timed());
    let section = page.split_once("<section id=\"timings\"").unwrap().1.split_once("</section>").unwrap().0;
    insta::assert_snapshot!("timings", section);
}

#[test]
fn the_policy_names_the_style_and_the_script_and_nothing_else_may_run() {
    let page = page(&fixture::everything());
    let between = |start: &str, end: &str| page.split_once(start).unwrap().1.split_once(end).unwrap().0.to_owned();
    let policy = between("http-equiv=\"Content-Security-Policy\" content=\"", "\">").replace("&#39;", "'");
    let script = page.rsplit_once("<script>").unwrap().1.split_once("</script>").unwrap().0;
    assert_eq!(
        policy,
        format!("default-src 'none'; script-src {}; style-src {}; img-src data:", hash(script), hash(&between("<style>", "</style>")))
    );
    assert_eq!(page.matches("<script>").count(), 1);
    assert!(!script.contains("<script") && !script.contains("<!--"), "a parser could take them for the beginning of another");
    assert!(!page.contains(" style="), "a style attribute would be refused");
    assert!(!page.contains("http://") || page.matches("http://").count() == page.matches("http://www.w3.org/2000/svg").count());
}

#[test]
fn two_pages_of_one_report_are_byte_equal() {
    assert_eq!(page(&fixture::everything()), page(&fixture::everything()));
}

#[test]
fn recorded_text_cannot_become_markup() {
    let evil = "</script><img src=x onerror=alert(1)><!--";
    let mut results = fixture::everything();
    results.scenarios[0].name = evil.to_owned();
    results.scenarios[0].path = evil.to_owned();
    results.cells[10].cause = Some(evil.to_owned());
    results.cells[0].hint = Some(evil.to_owned());
    results.run.caveats.push(evil.to_owned());
    results.axes[0].name = evil.to_owned();
    for observation in &mut results.scenarios[0].observations {
        observation.name.push_str(evil);
    }
    let page = page(&results);
    assert!(!page.contains("<img"));
    assert_eq!(page.matches("</script>").count(), page.matches("<script").count());
}

#[test]
fn details_that_pass_the_budget_are_cut_and_the_page_says_so() {
    let results = fixture::pairs();
    let cut = render(&results, &Options { budget: 1200, ..Options::default() });
    assert!(cut.contains("To keep this file small"));
    assert!(cut.len() < page(&results).len() + 300);
    assert!(!page(&results).contains("To keep this file small"));
}

#[test]
fn a_landing_page_has_its_own_title_and_opens_with_its_filter() {
    let options = Options { title: Some("Readiness of numpy 2.0".to_owned()), filter: Some("numpy:2.0".to_owned()), ..Options::default() };
    let page = render(&fixture::pairs(), &options);
    assert!(page.contains("<h1>Readiness of numpy 2.0</h1>") && page.contains("\"filter\":\"numpy:2.0\""));
}

#[test]
fn headers_tell_when_versions_came_out_and_which_are_older_than_spec_0() {
    let mut results = fixture::pairs();
    assert!(!page(&results).contains('†'));
    let released = |at: &str, series: &str| Some(Released { at: format!("{at}T20:04:14Z"), series: format!("{series}T13:06:46Z") });
    // The run is of 2026-11-22.
    results.axes[0].released =
        vec![released("2023-06-26", "2022-12-18"), released("2025-01-05", "2024-11-21"), released("2025-08-26", "2024-11-22")];
    let page = page(&results);
    let head = |version: &str| page.split_once(&format!(">{version}</span>")).unwrap().1.split_once("</th>").unwrap().0.to_owned();
    assert!(head("1.24.4").starts_with("<small aria-hidden=\"true\">2023-06†</small>"));
    assert!(head("1.26.4").contains("2025-01†") && head("1.26.4").contains("released 2025-01-05, older than the two years of SPEC 0"));
    assert!(head("2.0.2").contains("2025-08<") && head("2.0.2").ends_with("released 2025-08-26</span>"));
    assert_eq!(head("2.12.1"), "", "of the other axis nothing is known");
    assert!(page.contains("<li>† series older"));
}

#[test]
fn a_list_that_ends_early_says_how_much_is_left_and_where_it_stands() {
    let mut results = fixture::pairs();
    let rule = |number: u32| Rule { when: format!("numpy>={number}"), ..Rule::default() };
    results.rules = (0..100).map(rule).collect();
    assert!(!page(&results).contains("more: skew report"));
    results.rules = (0..1137).map(rule).collect();
    assert!(page(&results).contains("and 1,037 more: skew report -o json=results.json writes them all"));
}

#[test]
fn the_command_to_reproduce_runs_the_scenario_with_its_variables() {
    let mut results = fixture::pairs();
    let one = again::templates(&results);
    assert_eq!((one.0.len(), one.1), (1, vec![0, 0]));
    assert!(one.0[0].contains("--python SKEW_PYTHON - SKEW_SCENARIO <<") && one.0[0].contains("dependencies = [\"SKEW_PACKAGES==0\"]"));
    results.scenarios[1].env.insert("TF_DETERMINISTIC_OPS".to_owned(), "1".to_owned());
    let (texts, numbers) = again::templates(&results);
    assert_eq!(numbers, [0, 1]);
    assert!(texts[1].contains(" TF_DETERMINISTIC_OPS=1 ") && !texts[0].contains("TF_DETERMINISTIC_OPS"));
}

fn rgb(color: &str) -> LinSrgb {
    color.parse::<Srgb<u8>>().unwrap().into_format::<f32>().into_linear()
}

/// How a colour looks to eyes without one kind of cone: Machado, Oliveira and Fernandes 2009, severity 1.
fn seen(color: LinSrgb, cones: [[f32; 3]; 3]) -> Lab {
    let part = |row: [f32; 3]| (row[0] * color.red + row[1] * color.green + row[2] * color.blue).clamp(0.0, 1.0);
    LinSrgb::new(part(cones[0]), part(cones[1]), part(cones[2])).into_color()
}

const EYES: [(&str, [[f32; 3]; 3]); 4] = [
    ("all", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    ("protanopia", [[0.152_286, 1.052_583, -0.204_868], [0.114_503, 0.786_281, 0.099_216], [-0.003_882, -0.048_116, 1.051_998]]),
    ("deuteranopia", [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_820, 0.042_940, 0.968_881]]),
    ("tritanopia", [[1.255_528, -0.076_749, -0.178_779], [-0.078_411, 0.930_809, 0.147_602], [0.004_733, 0.691_367, 0.303_900]]),
];

/// The least contrast of text, and the least difference of two backgrounds for any eyes.
fn measured(pick: fn(Mark) -> Colors) -> (f32, f32) {
    let colors: Vec<Colors> = Mark::ALL.into_iter().map(pick).collect();
    let contrast = |colors: &Colors| {
        let (one, other): (Srgb, Srgb) = (Srgb::from_linear(rgb(colors.background)), Srgb::from_linear(rgb(colors.text)));
        one.relative_contrast(other)
    };
    let least = colors.iter().map(contrast).fold(f32::INFINITY, f32::min);
    let mut nearest = f32::INFINITY;
    for (place, one) in colors.iter().enumerate() {
        for other in colors[place + 1..].iter().filter(|other| other.background != one.background) {
            for (_, cones) in EYES {
                nearest = nearest.min(seen(rgb(one.background), cones).difference(seen(rgb(other.background), cones)));
            }
        }
    }
    (least, nearest)
}

#[test]
fn the_palette_can_be_told_apart_by_all_eyes_and_read_on() {
    let rounded = |(contrast, difference): (f32, f32)| format!("contrast {contrast:.1}, difference {difference:.1}");
    assert_eq!(rounded(measured(|mark| mark.look().light)), "contrast 5.5, difference 9.0");
    assert_eq!(rounded(measured(|mark| mark.look().dark)), "contrast 5.1, difference 12.2");
}
