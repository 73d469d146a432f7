//! How a place lists its faults: see any file of [`crate::place`].

/// An enum of faults that carry their parameters, and its part of the catalogue.
macro_rules! faults {
    (
        $(#[$meta:meta])*
        $name:ident at $place:ident {
            $(
                #[doc = $doc:literal]
                $word:literal = $variant:ident $({ $($param:ident: $type:ty $(= $default:literal)?, $pdoc:literal);+ $(;)? })?
                => [$first:ident $($step:ident)*] $onset:ident $(breaks [$($law:ident)+])?, $seen:literal;
            )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum $name {
            $(
                #[doc = $doc]
                $variant $({ $(#[doc = $pdoc] $param: $type),+ })?,
            )*
        }

        impl $name {
            /// What the catalogue lists.
            pub const ENTRIES: &'static [$crate::entry::Entry] = &[$(
                $crate::entry::Entry {
                    name: $word,
                    place: $crate::entry::Place::$place,
                    onset: faults!(@onset $onset),
                    steps: &[persotwin_link::Step::$first $(, persotwin_link::Step::$step)*],
                    params: &[$($(
                        $crate::entry::Param {
                            name: stringify!($param),
                            kind: <$type as $crate::value::Parameter>::KIND,
                            default: faults!(@default $($default)?),
                            doc: $pdoc,
                        }
                    ),+)?],
                    doc: $doc,
                    seen: $seen,
                    breaks: &[$($($crate::law::Law::$law),+)?],
                },
            )*];

            /// Its name in the catalogue.
            pub const fn name(&self) -> &'static str {
                match *self { $(Self::$variant $({ $($param: _),+ })? => $word),* }
            }

            /// The fault of this name with these parameters; none for another place's name, and after a mistake.
            pub fn read<A: $crate::entry::Arguments>(name: &str, arguments: &mut A) -> Option<Self> {
                // A place may have no fault, and a fault no parameter.
                let _ = &arguments;
                match name {
                    $($word => {
                        // All of them before the first that is wrong ends it: every mistake is reported.
                        $($(let $param = $crate::entry::param(Self::ENTRIES, $word, stringify!($param))
                            .and_then(|param| arguments.take::<$type>(param));)+)?
                        Some(Self::$variant $({ $($param: $param?),+ })?)
                    })*
                    _ => None,
                }
            }
        }
    };
    (@default) => { None };
    (@default $default:literal) => { Some($default) };
    (@onset live) => { $crate::entry::Onset::Live };
    (@onset start) => { $crate::entry::Onset::FromTheStart };
}
