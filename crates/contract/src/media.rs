//! Media types of request bodies, read as client stacks really send them:
//! `application/json; charset=utf-8` is JSON.

/// A body's form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaType {
    /// `application/json`.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
}

impl MediaType {
    /// The form that a `Content-Type` header names; its parameters are ignored.
    pub fn of(content_type: &str) -> Option<Self> {
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        match essence.to_ascii_lowercase().as_str() {
            "application/json" => Some(Self::Json),
            "application/x-www-form-urlencoded" => Some(Self::Form),
            _ => None,
        }
    }

    /// The media type as a header holds it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Form => "application/x-www-form-urlencoded",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_case_do_not_matter() {
        assert_eq!(
            MediaType::of("application/json; charset=utf-8"),
            Some(MediaType::Json)
        );
        assert_eq!(MediaType::of("Application/JSON"), Some(MediaType::Json));
        assert_eq!(
            MediaType::of("application/x-www-form-urlencoded"),
            Some(MediaType::Form)
        );
        assert_eq!(MediaType::of("text/plain"), None);
        assert_eq!(MediaType::of(""), None);
    }
}
