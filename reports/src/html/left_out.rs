//! What there was no room for, a sentence each at the foot of the page.

use crate::model::Run;
use crate::numerals::count;

/// How much is not on the page, or is there in fewer words than elsewhere.
#[derive(Default)]
pub(super) struct LeftOut {
    pub(super) about_files: u64,
    pub(super) scenarios: u64,
    pub(super) demands: u64,
    pub(super) undrawn: u64,
    pub(super) strips: u64,
    pub(super) charts: u64,
    pub(super) histograms: u64,
    pub(super) rough_lanes: u64,
    pub(super) devices: u64,
    pub(super) histories: u64,
    pub(super) causes: u64,
}

impl LeftOut {
    /// All sentences; those too about what was not run, and what the model itself has not.
    pub(super) fn sentences(&self, run: &Run) -> Vec<String> {
        let not_run = run.not_run as u64;
        let pictures = run.scenarios.iter().filter_map(|it| it.picture.as_ref());
        let devices = self.devices + pictures.map(|it| it.devices_left_out).sum::<u64>();
        let alone = "Of {} in the tables what led to each change is left out, and its reason stands alone.";
        let about = [
            (not_run, "scenario", "{} not run: enough had failed."),
            (self.about_files, "finding", "Not told: {} about the files."),
            (self.scenarios, "scenario", "Not listed: {}."),
            (self.demands, "scenario", "Of {} the demands are not listed."),
            (self.undrawn, "scenario", "Of {} the devices are not drawn."),
            (self.strips, "row", "Not drawn: {} of faults."),
            (self.charts, "fleet", "Not drawn: the statuses of {} over time."),
            (self.histograms, "histogram", "Not drawn: {}."),
            (self.rough_lanes, "lane", "Drawn in few strokes, without what led to each change: {}."),
            (devices, "device", "Left out of the tables: {}."),
            (self.histories, "device", "Of {} in the tables the history is left out."),
            (self.causes, "device", alone),
        ];
        let told = about.into_iter().filter(|(number, ..)| *number > 0);
        told.map(|(number, noun, sentence)| sentence.replace("{}", &count(number, noun))).collect()
    }
}
