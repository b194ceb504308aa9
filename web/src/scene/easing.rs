//! The easing curves of the design, as cubic Béziers from (0, 0) to (1, 1).

/// Which curve a movement follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Easing {
    /// For arrivals: fast, then settling.
    Out,
    /// For travel from place to place.
    InOut,
    /// For removals: slow, then gone.
    Exit,
}

/// Maps the share of time that has passed (0 to 1) to the share of the way.
pub fn ease(easing: Easing, share: f32) -> f32 {
    if share <= 0.0 {
        return 0.0;
    }
    if share >= 1.0 {
        return 1.0;
    }
    let (x1, y1, x2, y2) = match easing {
        Easing::Out => (0.2, 0.8, 0.2, 1.0),
        Easing::InOut => (0.65, 0.0, 0.35, 1.0),
        Easing::Exit => (0.4, 0.0, 1.0, 1.0),
    };
    bezier(y1, y2, parameter_of(x1, x2, share))
}

/// The curve's parameter at which its x coordinate is `x`: found by halving, since x grows with the parameter.
fn parameter_of(x1: f32, x2: f32, x: f32) -> f32 {
    let (mut low, mut high) = (0.0_f32, 1.0_f32);
    for _ in 0..20 {
        let middle = (low + high) / 2.0;
        if bezier(x1, x2, middle) < x {
            low = middle;
        } else {
            high = middle;
        }
    }
    (low + high) / 2.0
}

fn bezier(first: f32, second: f32, t: f32) -> f32 {
    let rest = 1.0 - t;
    3.0 * rest * rest * t * first + 3.0 * rest * t * t * second + t * t * t
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_curve_starts_at_0_ends_at_1_and_never_turns_back() {
        for easing in [Easing::Out, Easing::InOut, Easing::Exit] {
            let path: Vec<f32> = (0..=50).map(|i| ease(easing, i as f32 / 50.0)).collect();
            assert_eq!((path[0], path[50]), (0.0, 1.0));
            assert!(path.windows(2).all(|pair| pair[0] <= pair[1]), "{easing:?} {path:?}");
        }
    }

    #[test]
    fn travel_is_halfway_at_half_time_and_arrivals_are_further() {
        assert!((ease(Easing::InOut, 0.5) - 0.5).abs() < 0.001);
        assert!(ease(Easing::Out, 0.5) > 0.85);
        assert!(ease(Easing::Exit, 0.5) < 0.4);
    }
}
