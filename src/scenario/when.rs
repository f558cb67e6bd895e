//! The condition of a header: in which cells a scenario runs.
//!
//! `tensorflow >= 2.4`, `numpy >= 2, < 2.3 and not (python < "3.12" or tensorflow == none)`: names of axes and `python`,
//! each with PEP 440 specifiers, joined by `and`, `or`, `not`, parentheses and commas. A comma binds tighter than `not`, that
//! tighter than `and`, that tighter than `or`. Of a package that is not installed every comparison is false except
//! `== none`.

use std::{collections::BTreeMap, fmt, ops::Range};

use pep440_rs::{Version, VersionSpecifier};

use crate::matrix::{
    AxisVersion, PythonVersion,
    check::{did_you_mean, quote},
};

/// How deep parentheses and `not` may nest.
const DEEPEST: usize = 32;

/// Operators, longer ones before their beginnings.
const OPERATORS: [&str; 8] = ["===", "==", "!=", "<=", ">=", "~=", "<", ">"];

/// A condition on the versions of a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    text: String,
    condition: Condition,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Condition {
    Axis(String, Test),
    Python(VersionSpecifier),
    Not(Box<Condition>),
    All(Vec<Condition>),
    Any(Vec<Condition>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    Installed,
    NotInstalled,
    Version(VersionSpecifier),
}

/// What is wrong with a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WhenError {
    /// Bytes of its text.
    pub(crate) span: Range<usize>,
    /// What.
    pub(crate) message: String,
    /// What to do.
    pub(crate) help: Option<String>,
}

impl When {
    /// Parses a condition over these axes and `python`.
    pub(crate) fn parse(text: &str, axes: &[&str]) -> Result<Self, WhenError> {
        let mut parser = ConditionParser { text, tokens: tokens(text)?, next: 0, axes, depth: 0 };
        let condition = parser.any()?;
        if parser.peek().is_some() {
            return Err(parser.unexpected("`and` or `or`"));
        }
        Ok(Self { text: text.to_owned(), condition })
    }

    /// Whether it holds in a cell: `versions` by axis name, and the cell's interpreter.
    pub fn holds(&self, versions: &BTreeMap<String, AxisVersion>, python: PythonVersion) -> bool {
        self.condition.holds(versions, python)
    }
}

impl fmt::Display for When {
    /// As it was written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Condition {
    fn holds(&self, versions: &BTreeMap<String, AxisVersion>, python: PythonVersion) -> bool {
        match self {
            Self::Axis(axis, test) => {
                let installed = versions.get(axis).and_then(AxisVersion::release);
                match (test, installed) {
                    (Test::Installed, installed) => installed.is_some(),
                    (Test::NotInstalled, installed) => installed.is_none(),
                    (Test::Version(specifier), Some(version)) => specifier.contains(version),
                    (Test::Version(_), None) => false,
                }
            }
            Self::Python(specifier) => specifier.contains(&Version::new([u64::from(python.major), u64::from(python.minor)])),
            Self::Not(condition) => !condition.holds(versions, python),
            Self::All(conditions) => conditions.iter().all(|condition| condition.holds(versions, python)),
            Self::Any(conditions) => conditions.iter().any(|condition| condition.holds(versions, python)),
        }
    }
}

/// A word, an operator, a comma or a parenthesis, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Token<'t> {
    kind: TokenKind<'t>,
    span: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TokenKind<'t> {
    Word(&'t str),
    Quoted(&'t str),
    Operator(&'t str),
    Comma,
    Open,
    Close,
}

fn tokens(text: &str) -> Result<Vec<Token<'_>>, WhenError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let (kind, length) = if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        } else if let Some(operator) = OPERATORS.iter().find(|operator| rest.starts_with(**operator)) {
            (TokenKind::Operator(operator), operator.len())
        } else if matches!(first, ',' | '(' | ')') {
            let kind = match first {
                ',' => TokenKind::Comma,
                '(' => TokenKind::Open,
                _ => TokenKind::Close,
            };
            (kind, 1)
        } else if matches!(first, '"' | '\'') {
            let Some(end) = rest[1..].find(first) else {
                let message = "this quote is not closed".to_owned();
                return Err(WhenError { span: at..text.len(), message, help: None });
            };
            (TokenKind::Quoted(&rest[1..=end]), end + 2)
        } else {
            let word = |character: char| character.is_alphanumeric() || matches!(character, '.' | '_' | '-' | '+' | '*');
            match rest.find(|character| !word(character)).unwrap_or(rest.len()) {
                0 => {
                    let span = at..at + first.len_utf8();
                    let help = (first == '=').then(|| "did you mean `==`?".to_owned());
                    return Err(WhenError { span, message: format!("{} has no meaning here", quote(first)), help });
                }
                length => (TokenKind::Word(&rest[..length]), length),
            }
        };
        tokens.push(Token { kind, span: at..at + length });
        at += length;
    }
    Ok(tokens)
}

struct ConditionParser<'t> {
    text: &'t str,
    tokens: Vec<Token<'t>>,
    next: usize,
    axes: &'t [&'t str],
    depth: usize,
}

impl<'t> ConditionParser<'t> {
    fn peek(&self) -> Option<TokenKind<'t>> {
        self.tokens.get(self.next).map(|token| token.kind)
    }

    fn accept(&mut self, kind: TokenKind<'_>) -> bool {
        let accepted = self.peek() == Some(kind);
        self.next += usize::from(accepted);
        accepted
    }

    /// Bytes of the next token; at the end, the place behind the text.
    fn span(&self) -> Range<usize> {
        self.tokens.get(self.next).map_or(self.text.len()..self.text.len(), |token| token.span.clone())
    }

    fn unexpected(&self, wanted: &str) -> WhenError {
        let span = self.span();
        let message = match self.text.get(span.clone()) {
            Some(found) if !found.is_empty() => format!("here {wanted} is missing, before {}", quote(found)),
            _ => format!("the condition ends where {wanted} is missing"),
        };
        WhenError { span, message, help: None }
    }

    fn any(&mut self) -> Result<Condition, WhenError> {
        let mut conditions = vec![self.all()?];
        while self.accept(TokenKind::Word("or")) {
            conditions.push(self.all()?);
        }
        Ok(joined(conditions, Condition::Any))
    }

    fn all(&mut self) -> Result<Condition, WhenError> {
        let mut conditions = vec![self.one()?];
        while self.accept(TokenKind::Word("and")) {
            conditions.push(self.one()?);
        }
        Ok(joined(conditions, Condition::All))
    }

    fn one(&mut self) -> Result<Condition, WhenError> {
        let negated = self.accept(TokenKind::Word("not"));
        if !negated && self.peek() != Some(TokenKind::Open) {
            return self.comparisons();
        }
        self.depth += 1;
        if self.depth > DEEPEST {
            let message = format!("the condition is nested deeper than {DEEPEST} levels");
            return Err(WhenError { span: self.span(), message, help: None });
        }
        let condition = if negated {
            Condition::Not(Box::new(self.one()?))
        } else {
            self.next += 1;
            let inner = self.any()?;
            if !self.accept(TokenKind::Close) {
                return Err(self.unexpected("`)`"));
            }
            inner
        };
        self.depth -= 1;
        Ok(condition)
    }

    /// `numpy >= 2, < 3, python > 3.9`: behind a comma the name may be left out.
    fn comparisons(&mut self) -> Result<Condition, WhenError> {
        let mut name = self.name()?;
        let mut conditions = vec![self.test(name)?];
        while self.accept(TokenKind::Comma) {
            if !matches!(self.peek(), Some(TokenKind::Operator(_))) {
                name = self.name()?;
            }
            conditions.push(self.test(name)?);
        }
        Ok(joined(conditions, Condition::All))
    }

    fn name(&mut self) -> Result<&'t str, WhenError> {
        let Some(TokenKind::Word(name)) = self.peek().filter(|kind| !matches!(kind, TokenKind::Word("and" | "or" | "not"))) else {
            return Err(self.unexpected("the name of an axis"));
        };
        if name != "python" && !self.axes.contains(&name) {
            let known: Vec<&str> = self.axes.iter().copied().chain(["python"]).collect();
            let help = did_you_mean(name, &known).unwrap_or_else(|| format!("known names: {}", known.join(", ")));
            return Err(WhenError { span: self.span(), message: format!("unknown axis {}", quote(name)), help: Some(help) });
        }
        self.next += 1;
        Ok(name)
    }

    fn test(&mut self, name: &str) -> Result<Condition, WhenError> {
        let Some(TokenKind::Operator(operator)) = self.peek() else {
            let mut error = self.unexpected("a comparison such as `>= 2.4`");
            if name != "python" {
                error.help = Some(format!("for any installed version write `{name} != none`"));
            }
            return Err(error);
        };
        let start = self.span().start;
        self.next += 1;
        let Some(TokenKind::Word(version) | TokenKind::Quoted(version)) = self.peek() else {
            return Err(self.unexpected("a version"));
        };
        let span = start..self.span().end;
        self.next += 1;
        if version == "none" {
            let test = match operator {
                "==" => Test::NotInstalled,
                "!=" => Test::Installed,
                _ => {
                    return Err(WhenError {
                        span,
                        message: "`none` has no order".to_owned(),
                        help: Some("compare it with `==` or `!=`".to_owned()),
                    });
                }
            };
            if name == "python" {
                return Err(WhenError { span, message: "`python` is never `none`".to_owned(), help: None });
            }
            return Ok(Condition::Axis(name.to_owned(), test));
        }
        let Ok(specifier) = format!("{operator}{version}").parse::<VersionSpecifier>() else {
            let message = format!("{} is not a version specifier", quote(format!("{operator} {version}")));
            return Err(WhenError { span, message, help: Some("specifiers are written like `>= 2.4` or `== 2.*` (PEP 440)".to_owned()) });
        };
        if name == "python" && specifier.version().release().len() > 2 {
            let message = format!("{} is a single release of Python", quote(version));
            return Err(WhenError { span, message, help: Some("cells know its minor series, such as `3.11`".to_owned()) });
        }
        Ok(match name {
            "python" => Condition::Python(specifier),
            axis => Condition::Axis(axis.to_owned(), Test::Version(specifier)),
        })
    }
}

fn joined(mut conditions: Vec<Condition>, join: fn(Vec<Condition>) -> Condition) -> Condition {
    match conditions.pop() {
        Some(only) if conditions.is_empty() => only,
        last => {
            conditions.extend(last);
            join(conditions)
        }
    }
}
