//! What happens, for those who watch: told when it is durable, to everybody who listens, and kept for nobody.

use std::sync::Arc;

use tokio::sync::broadcast;

use crate::id::DeviceId;
use crate::lifecycle::Template;
use crate::store::Write;
use crate::timeline::Entry;

/// Who is further behind than this has missed something, and learns so.
const NEWS_CAPACITY: usize = 1_024;

/// One thing that happened.
#[derive(Clone, Debug)]
pub(crate) enum News {
    /// A line of a device's timeline, and the template in whose chain it names statuses.
    Entry(DeviceId, Arc<Entry>, Arc<Template>),
    /// A device is new, was changed, or is gone.
    Device(DeviceId),
    /// The template of this name is new, was changed, or is gone.
    Template(Arc<str>),
}

/// Tells the news.
#[derive(Debug)]
pub(super) struct Herald(broadcast::Sender<News>);

impl Herald {
    pub(super) fn new() -> Self {
        Self(broadcast::Sender::new(NEWS_CAPACITY))
    }

    pub(super) fn audience(&self) -> broadcast::Sender<News> {
        self.0.clone()
    }

    /// Tells of a write. Costs next to nothing while nobody listens.
    pub(super) fn tell(&self, write: &Write, template_of: impl Fn(DeviceId) -> Option<Arc<Template>>) {
        if self.0.receiver_count() == 0 {
            return;
        }
        let news = match write {
            Write::Entry(device, entry) => {
                // Of a device that was removed since, nothing more is told than that.
                let Some(template) = template_of(*device) else { return };
                News::Entry(*device, Arc::new(entry.clone()), template)
            }
            Write::Device(device, _)
            | Write::Identity(device, _)
            | Write::Value(device, ..)
            | Write::Pending(device, _)
            | Write::Settled(device, _)
            | Write::Removed(device) => News::Device(*device),
            Write::Template(template) => News::Template(template.name.as_str().into()),
            Write::TemplateRemoved(name) => News::Template(name.as_str().into()),
            Write::State(..) | Write::Notification(..) | Write::Ledger(..) => return,
        };
        // Whoever listened may have left.
        let _ = self.0.send(news);
    }
}
