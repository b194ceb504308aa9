//! The table of functions: who stands at which place.

use std::collections::{BTreeMap, BTreeSet};

use wasm_encoder::{ConstExpr, ElementSection, Elements};
use wasmparser::{Element, ElementItems, ElementKind, Operator};

use super::module::{Module, Refusal, number};

/// The table that functions are called through: wasm-bindgen's own table of JavaScript values comes after it.
pub(super) const TABLE: u32 = 0;

/// What the element segments of a module say.
pub(super) struct Table<'a> {
    /// The functions of [`TABLE`] that are there from the start, by place.
    pub(super) functions: BTreeMap<u32, u32>,
    /// How many places it has.
    pub(super) size: u64,
    /// The segments that say something else.
    pub(super) others: Vec<Element<'a>>,
}

impl<'a> Table<'a> {
    pub(super) fn of(module: &Module<'a>) -> Result<Table<'a>, Refusal> {
        let size = module.tables.get(TABLE as usize).map_or(0, |table| table.ty.initial);
        let mut table = Table { functions: BTreeMap::new(), size, others: Vec::new() };
        for element in &module.elements {
            match begin(element)? {
                Some(begin) => table.functions.extend(
                    functions(element)?
                        .into_iter()
                        .zip(begin..)
                        .filter_map(|(function, place)| Some((place, function?))),
                ),
                None => table.others.push(element.clone()),
            }
        }
        Ok(table)
    }

    /// The functions that the other segments name.
    pub(super) fn named_elsewhere(&self) -> Result<BTreeSet<u32>, Refusal> {
        let mut named = BTreeSet::new();
        for element in &self.others {
            named.extend(functions(element)?.into_iter().flatten());
        }
        Ok(named)
    }
}

/// Puts functions at places of [`TABLE`], in segments of places that follow each other.
pub(super) fn place(elements: &mut ElementSection, functions: &BTreeMap<u32, u32>) {
    let by_place: Vec<(u32, u32)> = functions.iter().map(|(place, function)| (*place, *function)).collect();
    for run in by_place.chunk_by(|one, next| one.0 + 1 == next.0) {
        let in_run: Vec<u32> = run.iter().map(|(_, function)| *function).collect();
        elements.active(None, &ConstExpr::i32_const(run[0].0 as i32), Elements::Functions(in_run.into()));
    }
}

/// Where a segment of [`TABLE`] begins that is in force from the start.
fn begin(element: &Element<'_>) -> Result<Option<u32>, Refusal> {
    match &element.kind {
        ElementKind::Active { table_index, offset_expr } if table_index.unwrap_or(TABLE) == TABLE => {
            number(offset_expr)
        }
        _ => Ok(None),
    }
}

/// The functions of a segment, in its order; `None` for a place that stays empty.
fn functions(element: &Element<'_>) -> Result<Vec<Option<u32>>, Refusal> {
    let mut functions = Vec::new();
    match &element.items {
        ElementItems::Functions(indices) => {
            for function in indices.clone() {
                functions.push(Some(function?));
            }
        }
        ElementItems::Expressions(_, expressions) => {
            for expression in expressions.clone() {
                functions.push(match expression?.get_operators_reader().read()? {
                    Operator::RefFunc { function_index } => Some(function_index),
                    _ => None,
                });
            }
        }
    }
    Ok(functions)
}
