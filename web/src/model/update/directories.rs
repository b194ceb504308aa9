//! What is done to nodes' manifest directories: every change of a disk is a line that could as well be typed.

use std::rc::Rc;

use kubestep_core::api::{Kind, ObjectRef};

use super::super::directory::{self, DirectoryMessage, Place};
use super::super::effect::Effect;
use super::super::session::Act;
use super::super::{File, Model};
use crate::persistence;
use crate::scene::close_up::MOST_NODES;

impl Model {
    pub(super) fn directory(&mut self, message: DirectoryMessage, effects: &mut Vec<Effect>) {
        match message {
            DirectoryMessage::Open(node) => self.open_directories(vec![node]),
            DirectoryMessage::Beside(other) => {
                let first = self.directories.open.iter().take(1).cloned();
                let other = other.filter(|node| !self.directories.open[..1].contains(node));
                let nodes: Vec<Rc<str>> = first.chain(other).take(MOST_NODES).collect();
                self.open_directories(nodes);
            }
            DirectoryMessage::Choose(place) => self.directories.chosen = Some(place),
            DirectoryMessage::New(node) => {
                let world = self.run.world();
                self.directories.begin(&node, &world);
            }
            DirectoryMessage::TypeIn(text) => {
                let Some(place) = self.directories.chosen.clone() else { return };
                self.directories.set_draft(&place, text.into());
            }
            DirectoryMessage::Rename(name) => self.rename_file(&name, effects),
            DirectoryMessage::Save => self.save_file(effects),
            DirectoryMessage::Delete => self.delete_file(effects),
            DirectoryMessage::MoveTo(node) => {
                let Some(from) = self.directories.chosen.clone() else { return };
                let to = Place { node, file: from.file.clone() };
                self.move_file(&from, to, effects);
            }
            DirectoryMessage::Leave => self.close_up = Vec::new(),
        }
        self.keep_directories(effects);
    }

    pub(super) fn open_directories(&mut self, nodes: Vec<Rc<str>>) {
        let world = self.run.world();
        self.close_up = nodes.clone();
        self.directories.open(nodes, &world);
        self.file = File::Directory;
    }

    /// What is on the disk by now is no draft any more.
    pub(super) fn forget_saved(&mut self, effects: &mut Vec<Effect>) {
        let before = self.directories.drafts.len();
        if before == 0 {
            return;
        }
        let world = self.run.world();
        self.directories.forget_saved(&world);
        if self.directories.drafts.len() != before {
            self.keep_directories(effects);
        }
    }

    fn keep_directories(&self, effects: &mut Vec<Effect>) {
        let text = serde_json::to_string(&self.directories).unwrap_or_default();
        effects.push(Effect::Keep { key: persistence::DIRECTORIES, text });
    }

    pub(super) fn save_file(&mut self, effects: &mut Vec<Effect>) {
        let Some(place) = self.directories.chosen.clone() else { return };
        let Some(text) = self.directories.draft(&place).cloned() else {
            return self.say("It is saved as it stands.", effects);
        };
        self.do_line(&directory::saving(&place, &text), effects);
    }

    fn delete_file(&mut self, effects: &mut Vec<Effect>) {
        let Some(place) = self.directories.chosen.take() else { return };
        self.directories.forget_draft(&place);
        if directory::on_disk(&self.run.world(), &place).is_some() {
            self.do_line(&directory::deleting(&place), effects);
        }
    }

    fn rename_file(&mut self, name: &str, effects: &mut Vec<Effect>) {
        let Some(from) = self.directories.chosen.clone() else { return };
        if *name == *from.file {
            return;
        }
        if !directory::is_name(name) {
            return self.say(
                "A file's name has letters, digits, dots and hyphens, and begins with no dot.",
                effects,
            );
        }
        let to = Place { node: from.node.clone(), file: name.into() };
        self.move_file(&from, to, effects);
    }

    fn move_file(&mut self, from: &Place, to: Place, effects: &mut Vec<Effect>) {
        let world = self.run.world();
        if directory::on_disk(&world, &to).is_some() || self.directories.draft(&to).is_some() {
            let words = format!("{} has a file of the name {} already.", to.node, to.file);
            return self.say(&words, effects);
        }
        if let Some(draft) = self.directories.draft(from).cloned() {
            self.directories.forget_draft(from);
            self.directories.set_draft(&to, draft);
        }
        let saved = directory::on_disk(&world, from);
        if let Some(text) = &saved
            && self.directories.draft(&to).is_none()
        {
            // On its way until the step in view is past the move.
            self.directories.set_draft(&to, text.clone());
        }
        let line = directory::moving(from, &to);
        self.directories.chosen = Some(to);
        if saved.is_some() {
            self.do_line(&line, effects);
        }
    }

    fn do_line(&mut self, line: &str, effects: &mut Vec<Effect>) {
        self.act(Act::typed(self.run.happened(), line, &self.document.draft), effects);
    }

    /// A node that runs static pods is looked at closely when it is picked.
    pub(super) fn look_closely_at(&mut self, object: &ObjectRef) {
        if object.kind != Kind::Node || self.close_up.contains(&object.key.name) {
            return;
        }
        let world = self.run.world();
        let name = object.key.name.clone();
        if world.machines.get(&name).is_some_and(|machine| !machine.manifests.is_empty()) {
            self.close_up = vec![name];
        }
    }
}
