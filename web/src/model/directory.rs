//! The manifest directories of nodes, as the editor shows them: which are open, which file, and what is not saved yet.

use std::rc::Rc;

use kubestep_core::engine::{Actor, Command, NodeAct, Step, What, World};
use kubestep_core::kubelet::MachineChange;
use kubestep_core::manifest;
use kubestep_core::why::{self, Why};
use serde::{Deserialize, Serialize};

use super::Model;
use super::document::Document;
use crate::derived;
use crate::editor::{DecidingLine, LineNote};
pub use crate::scene::close_up::Place;
use crate::scene::close_up::{Focus, MOST_NODES};

/// The most nodes that have a tab.
const MOST_TABS: usize = 4;

/// What a new file says until somebody edits it.
const TEMPLATE: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: static-web\n  labels: {role: edge}\nspec:\n  \
                        containers:\n  - name: web\n    image: nginx:1.29\n    ports: [{containerPort: 8080}]\n";

/// The directories in the editor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Directories {
    /// The nodes whose directories are open: one, or two side by side.
    pub open: Vec<Rc<str>>,
    /// The file in the editor.
    pub chosen: Option<Place>,
    /// Texts that are not on their nodes' disks.
    pub drafts: Vec<(Place, Rc<str>)>,
}

/// What happens to the directories.
#[derive(Clone, Debug, PartialEq)]
pub enum DirectoryMessage {
    /// Opens a node's directory, and looks at the node closely.
    Open(Rc<str>),
    /// Opens another one beside it, or closes that.
    Beside(Option<Rc<str>>),
    /// Puts a file into the editor.
    Choose(Place),
    /// Begins a file.
    New(Rc<str>),
    /// The text in the editor is now this.
    TypeIn(String),
    /// The file in the editor has another name.
    Rename(String),
    /// Writes the text in the editor to the node's disk.
    Save,
    /// Takes the file in the editor off the disk.
    Delete,
    /// Moves it to another node's directory.
    MoveTo(Rc<str>),
    /// Looks at the whole cluster again.
    Leave,
}

/// The directories as the panel shows them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DirectoryView {
    /// The nodes that have a tab, and whether something of theirs is not saved.
    pub tabs: Vec<(Rc<str>, bool)>,
    /// Every node, for the one beside.
    pub nodes: Vec<Rc<str>>,
    /// The open directories.
    pub open: Vec<OpenDirectory>,
    /// The file in the editor.
    pub chosen: Option<ChosenFile>,
}

/// An open directory.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenDirectory {
    /// The node.
    pub node: Rc<str>,
    /// Its files.
    pub files: Vec<FileRow>,
}

/// A file of an open directory.
#[derive(Clone, Debug, PartialEq)]
pub struct FileRow {
    /// Its name.
    pub name: Rc<str>,
    /// How long its text is, in bytes.
    pub bytes: usize,
    /// Whether the text in the editor is another than the one on the disk.
    pub is_changed: bool,
    /// Whether it is in the editor.
    pub is_chosen: bool,
}

/// The file in the editor.
#[derive(Clone, Debug, PartialEq)]
pub struct ChosenFile {
    /// Where it is.
    pub place: Place,
    /// What the editor holds.
    pub text: Rc<str>,
    /// Whether there is such a file on the disk.
    pub is_saved: bool,
    /// Whether the disk holds something else.
    pub is_changed: bool,
    /// What is wrong with it.
    pub notes: Rc<[LineNote]>,
    /// The line that the step in view follows from.
    pub deciding: Rc<[DecidingLine]>,
}

impl Directories {
    /// The text of a file that is not saved.
    pub fn draft(&self, place: &Place) -> Option<&Rc<str>> {
        self.drafts.iter().find(|(known, _)| known == place).map(|(_, text)| text)
    }

    /// The editor holds this text for a file.
    pub fn set_draft(&mut self, place: &Place, text: Rc<str>) {
        self.forget_draft(place);
        self.drafts.push((place.clone(), text));
    }

    /// What was not saved of a file is given up.
    pub fn forget_draft(&mut self, place: &Place) {
        self.drafts.retain(|(known, _)| known != place);
    }

    /// Forgets drafts that are on the disk by now.
    pub fn forget_saved(&mut self, world: &World) {
        self.drafts.retain(|(place, text)| on_disk(world, place).as_ref() != Some(text));
    }

    /// Opens these directories; a file of one of them is in the editor.
    pub fn open(&mut self, nodes: Vec<Rc<str>>, world: &World) {
        let is_open = |place: &Place| nodes.contains(&place.node);
        if !self.chosen.as_ref().is_some_and(is_open) {
            let first = nodes.first().and_then(|node| files(world, self, node).into_iter().last());
            self.chosen = first;
        }
        self.open = nodes;
    }

    /// Begins a file of a name that is not taken.
    pub fn begin(&mut self, node: &Rc<str>, world: &World) {
        let names = (1..).map(|number| match number {
            1 => "static-web.yaml".to_owned(),
            number => format!("static-web-{number}.yaml"),
        });
        let taken = files(world, self, node);
        let is_free = |name: &String| taken.iter().all(|place| *place.file != **name);
        let Some(name) = names.into_iter().find(is_free) else { return };
        let place = Place { node: node.clone(), file: name.into() };
        self.set_draft(&place, TEMPLATE.into());
        self.chosen = Some(place);
    }
}

/// The line that puts a text onto a node's disk.
pub fn saving(place: &Place, text: &Rc<str>) -> Rc<str> {
    Command::OnNode(place.node.clone(), NodeAct::WritesManifest(place.file.clone(), text.clone())).line()
}

/// The line that takes a file off a node's disk.
pub fn deleting(place: &Place) -> Rc<str> {
    Command::OnNode(place.node.clone(), NodeAct::RemovesManifest(place.file.clone())).line()
}

/// The line that moves a file.
pub fn moving(from: &Place, to: &Place) -> Rc<str> {
    let (file, node, name) = (from.file.clone(), to.node.clone(), to.file.clone());
    Command::OnNode(from.node.clone(), NodeAct::MovesManifest { file, node, name }).line()
}

/// What a file says on its node's disk.
pub fn on_disk(world: &World, place: &Place) -> Option<Rc<str>> {
    let machine = world.machines.get(&place.node)?;
    machine.manifests.get(&place.file).map(|manifest| manifest.text.clone())
}

/// Whether a name can be that of a file which a kubelet reads, and one word of a line.
pub fn is_name(name: &str) -> bool {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    !name.is_empty() && name.len() <= 100 && !name.starts_with('.') && name.chars().all(is_plain)
}

/// The files of a directory, on the disk or not, by name.
fn files(world: &World, directories: &Directories, node: &Rc<str>) -> Vec<Place> {
    let saved = world.machines.get(node).into_iter().flat_map(|machine| machine.manifests.keys().cloned());
    let drafts = directories.drafts.iter().filter(|(place, _)| place.node == *node);
    let names: std::collections::BTreeSet<Rc<str>> =
        saved.chain(drafts.map(|(place, _)| place.file.clone())).collect();
    names.into_iter().map(|file| Place { node: node.clone(), file }).collect()
}

/// The directories at the step in view.
pub fn view(model: &Model) -> DirectoryView {
    let world = model.run.world();
    let directories = &model.directories;
    let nodes: Vec<Rc<str>> = world.machines.keys().take(100).cloned().collect();
    let has_draft = |node: &Rc<str>| directories.drafts.iter().any(|(place, _)| place.node == *node);
    let open = directories.open.iter().filter(|node| nodes.contains(node)).take(MOST_NODES);
    DirectoryView {
        tabs: tabs(&world, directories, &nodes)
            .into_iter()
            .map(|node| (node.clone(), has_draft(&node)))
            .collect(),
        open: open.map(|node| open_directory(&world, directories, node)).collect(),
        chosen: directories.chosen.as_ref().and_then(|place| chosen(model, &world, place)),
        nodes,
    }
}

/// The nodes with a tab: those with files or an open directory before all others.
fn tabs(world: &World, directories: &Directories, nodes: &[Rc<str>]) -> Vec<Rc<str>> {
    let matters =
        |node: &&Rc<str>| directories.open.contains(node) || !files(world, directories, node).is_empty();
    let first = nodes.iter().filter(matters);
    let rest = nodes.iter().filter(|node| !matters(node));
    let mut tabs: Vec<Rc<str>> = first.chain(rest).take(MOST_TABS).cloned().collect();
    kubestep_core::order::sort(&mut tabs);
    tabs
}

fn open_directory(world: &World, directories: &Directories, node: &Rc<str>) -> OpenDirectory {
    let row = |place: Place| {
        let saved = on_disk(world, &place);
        let draft = directories.draft(&place);
        FileRow {
            bytes: saved.as_ref().or(draft).map_or(0, |text| text.len()),
            is_changed: draft.is_some_and(|draft| saved.as_ref() != Some(draft)),
            is_chosen: directories.chosen.as_ref() == Some(&place),
            name: place.file,
        }
    };
    OpenDirectory {
        node: node.clone(),
        files: files(world, directories, node).into_iter().map(row).collect(),
    }
}

fn chosen(model: &Model, world: &World, place: &Place) -> Option<ChosenFile> {
    let saved = on_disk(world, place);
    let draft = model.directories.draft(place).cloned();
    let text = draft.clone().or_else(|| saved.clone())?;
    // What was saved just now lies ahead of the step in view.
    let is_on_its_way = draft.is_some() && on_disk(model.run.timeline.head(), place) == draft;
    let mut document = Document::new("");
    document.type_in(&text);
    document.read();
    Some(ChosenFile {
        is_saved: saved.is_some() || is_on_its_way,
        is_changed: !is_on_its_way && draft.is_some_and(|draft| saved.as_ref() != Some(&draft)),
        notes: derived::notes(&document),
        deciding: model.run.step().and_then(|step| deciding(step, place, &text)).into_iter().collect(),
        place: place.clone(),
        text,
    })
}

/// The line of a file that a step follows from.
fn deciding(step: &Step, place: &Place, text: &str) -> Option<DecidingLine> {
    if step.actor != Actor::Kubelet(place.node.clone()) {
        return None;
    }
    let file = match (&step.why, &step.what) {
        (_, What::Machine(MachineChange::Manifest { file, .. })) => file,
        (Why::Kubelet(why::Kubelet::MirrorMissing { file }), _) => file,
        _ => return None,
    };
    if *file != place.file {
        return None;
    }
    let line = manifest::locate(text, 0, "metadata.name").map_or(1, |at| at.line as usize);
    let title = Some(format!("This file caused step {}", step.id.0 + 1));
    Some(DecidingLine { line, title, note: Some(format!("the kubelet appends -{}", place.node)) })
}

impl Model {
    /// What is looked at closely; `None` for the whole cluster.
    pub fn focus(&self) -> Option<Focus> {
        let world = self.run.world();
        let is_there = |node: &&Rc<str>| world.machines.get(*node).is_some();
        let nodes: Vec<Rc<str>> = self.close_up.iter().filter(is_there).cloned().collect();
        let file = self.directories.chosen.clone().filter(|place| nodes.contains(&place.node));
        (!nodes.is_empty()).then_some(Focus { nodes, file })
    }
}
