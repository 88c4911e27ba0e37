//! Random sequences of operations, compared with a hash map that forgets nothing.

use proptest::prelude::*;
use simple_runtime::registry::{self, Dispatch, Guard, Handle, Registry};
use std::collections::HashMap;

#[derive(Debug, Clone)]
enum Op {
    Insert(u32),
    Get(usize),
    Remove(usize),
    SetState(usize, u8),
    Hold(usize),
    LetGo(usize),
    Forged(i64),
}

fn op() -> impl Strategy<Value = Op> {
    let pick = 0..64_usize;
    prop_oneof![
        3 => any::<u32>().prop_map(Op::Insert),
        2 => pick.clone().prop_map(Op::Get),
        3 => pick.clone().prop_map(Op::Remove),
        2 => (pick.clone(), any::<u8>()).prop_map(|(i, state)| Op::SetState(i, state)),
        1 => pick.clone().prop_map(Op::Hold),
        1 => pick.prop_map(Op::LetGo),
        1 => any::<i64>().prop_map(Op::Forged),
    ]
}

/// Applies `ops` to a registry and to the model; `issued` are all handles ever given.
struct Compare<'a>(&'a [Op]);

impl Dispatch<u32> for Compare<'_> {
    type Output = ();

    fn run<R: Registry<u32>>(self) {
        let registry = R::default();
        let mut model: HashMap<Handle, (u32, u8)> = HashMap::new();
        let mut issued: Vec<Handle> = Vec::new();
        let mut held = Vec::new();
        for op in self.0 {
            let pick = |i: &usize| (!issued.is_empty()).then(|| issued[i % issued.len()]);
            match op {
                Op::Insert(value) => {
                    let handle = registry.insert(*value).unwrap();
                    assert!(!issued.contains(&handle));
                    issued.push(handle);
                    model.insert(handle, (*value, 0));
                }
                Op::Get(i) => {
                    let Some(handle) = pick(i) else { continue };
                    let found = registry.get(handle).map(|guard| (*guard, guard.state()));
                    assert_eq!(found, model.get(&handle).copied());
                    assert_eq!(registry.state(handle), model.get(&handle).map(|entry| entry.1));
                }
                Op::Remove(i) => {
                    let Some(handle) = pick(i) else { continue };
                    assert_eq!(registry.remove(handle), model.remove(&handle).is_some());
                }
                Op::SetState(i, state) => {
                    let Some(handle) = pick(i) else { continue };
                    if let Some(entry) = model.get_mut(&handle) {
                        let before = registry.get(handle).unwrap().swap_state(*state);
                        assert_eq!(before, entry.1);
                        entry.1 = *state;
                    }
                }
                Op::Hold(i) => {
                    let Some(handle) = pick(i) else { continue };
                    held.extend(registry.get(handle).map(|guard| (guard, model[&handle].0)));
                }
                Op::LetGo(i) if !held.is_empty() => {
                    let (guard, value) = held.swap_remove(i % held.len());
                    assert_eq!(*guard, value);
                }
                Op::LetGo(_) => {}
                Op::Forged(raw) => {
                    let Some(handle) = Handle::from_raw(*raw) else { continue };
                    assert_eq!(
                        registry.get(handle).map(|guard| *guard),
                        model.get(&handle).map(|e| e.0)
                    );
                }
            }
            assert_eq!(registry.len(), model.len());
        }
        for (guard, value) in &held {
            assert_eq!(**guard, *value);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_a_hash_map(ops in prop::collection::vec(op(), 0..200)) {
        for strategy in registry::Strategy::ALL {
            strategy.dispatch(Compare(&ops));
        }
    }
}
