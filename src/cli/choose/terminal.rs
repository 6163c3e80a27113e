//! The terminal: entered for the list, and left as it was found, whatever happens.

use std::io::{self, IsTerminal as _, Stdout, Write as _};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{DisableMouseCapture, EnableMouseCapture};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::layout::Rect;
use ratatui::{Frame, Terminal, TerminalOptions, Viewport};

pub use ratatui::crossterm::terminal::size;

use crate::system;

use super::pause::Pause;
use super::sixteen::Sixteen;

/// What draws on the terminal.
type Drawn = Terminal<CrosstermBackend<Sixteen<Stdout>>>;

/// Why there can be no list here; nothing where there can.
pub fn lacking(env: impl Fn(&str) -> Option<String>) -> Option<&'static str> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Some("--interactive needs a terminal: leave it out to see the plan");
    }
    let is_dumb = env("TERM").is_some_and(|term| term == "dumb");
    is_dumb.then_some("--interactive needs a terminal that can move its cursor, and TERM is dumb")
}

/// The terminal while the list is on it.
pub struct Screen {
    /// What draws on it.
    drawn: Drawn,
    /// How large it was when it was last drawn, in columns and lines.
    size: (u16, u16),
    /// A thread has panicked, and waits until the terminal is left.
    panicked: Arc<AtomicBool>,
    left: Arc<AtomicBool>,
    pause: Pause,
}

impl Screen {
    /// Enters: from here on keys are told one by one, and what was on the terminal comes back afterwards.
    ///
    /// # Errors
    /// Where the terminal cannot be set so.
    pub fn enter() -> io::Result<Screen> {
        let pause = Pause::catch();
        begin()?;
        let drawn = size().and_then(|size| Ok((drawn(size)?, size)));
        let (drawn, size) = drawn.inspect_err(|_| leave())?;
        let (panicked, left) = (Arc::default(), Arc::default());
        leave_before_panics(&panicked, &left);
        Ok(Screen {
            drawn,
            size,
            panicked,
            left,
            pause,
        })
    }

    /// Whether another thread has panicked.
    pub fn has_panicked(&self) -> bool {
        self.panicked.load(Ordering::SeqCst)
    }

    /// Does something on the terminal as it was before.
    ///
    /// # Errors
    /// Where it cannot be entered again.
    pub fn aside(&mut self, work: impl FnOnce()) -> io::Result<()> {
        leave();
        self.pause.usual(true);
        work();
        self.pause.usual(false);
        begin()?;
        self.anew(self.size)
    }

    /// Stops the program where it was asked to, on the terminal as it was before. Whether it went on since
    /// this was asked last: then the screen is empty.
    ///
    /// # Errors
    /// Where the terminal cannot be entered again.
    pub fn paused(&mut self) -> io::Result<bool> {
        let is_wanted = self.pause.is_wanted();
        if is_wanted {
            leave();
            system::stop();
        }
        // Also where nobody asked before: whoever stopped it so has left the terminal to a shell.
        if !self.pause.is_over() && !is_wanted {
            return Ok(false);
        }
        leave();
        begin()?;
        self.anew(self.size)?;
        Ok(true)
    }

    /// Draws on all of it.
    ///
    /// # Errors
    /// Where it cannot be written to.
    pub fn draw(&mut self, size: (u16, u16), draw: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        if size != self.size {
            self.anew(size)?;
        }
        let _turn = turn();
        self.drawn.draw(draw)?;
        Ok(())
    }

    fn anew(&mut self, size: (u16, u16)) -> io::Result<()> {
        execute!(io::stdout(), Clear(ClearType::All))?;
        self.drawn = drawn(size)?;
        self.size = size;
        Ok(())
    }
}

/// What draws on a terminal of this size. It asks the terminal nothing: not every one answers.
fn drawn((columns, lines): (u16, u16)) -> io::Result<Drawn> {
    let backend = CrosstermBackend::new(Sixteen::new(io::stdout()));
    let viewport = Viewport::Fixed(Rect::new(0, 0, columns, lines));
    Terminal::with_options(backend, TerminalOptions { viewport })
}

impl Drop for Screen {
    fn drop(&mut self) {
        leave();
        self.pause.usual(true);
        self.left.store(true, Ordering::SeqCst);
        if !thread::panicking() {
            // The hook of before is the one that the program had.
            drop(panic::take_hook());
        }
    }
}

/// Whether the list has the terminal: it is left once, for to leave it twice would move the cursor.
static IS_ENTERED: AtomicBool = AtomicBool::new(false);

/// Whose turn it is to write to the terminal.
static TURN: Mutex<()> = Mutex::new(());

fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn begin() -> io::Result<()> {
    let _turn = turn();
    enable_raw_mode()?;
    IS_ENTERED.store(true, Ordering::SeqCst);
    // What is typed may stop within the name of a key: then the rest of the program would wait for it, too.
    let entered = system::read_without_waiting();
    let entered =
        entered.and_then(|()| execute!(io::stdout(), EnterAlternateScreen, EnableMouseCapture));
    entered.inspect_err(|_| leave_now())
}

/// Gives the terminal back as it was. Nothing can be done where that fails.
fn leave() {
    let _turn = turn();
    leave_now();
}

/// The same from another thread than the one that draws, as far as it can be done in a moment: a terminal
/// may take nothing. Nobody writes to it afterwards.
pub fn leave_at_once() {
    /// Longer than this nobody waits for it.
    const MOST: Duration = Duration::from_millis(300);
    let (left, wait) = channel();
    let leaving = thread::Builder::new().spawn(move || {
        let turn = turn();
        leave_now();
        std::mem::forget(turn);
        let _ = left.send(());
    });
    if leaving.is_ok() {
        let _ = wait.recv_timeout(MOST);
    }
    let _ = disable_raw_mode();
}

fn leave_now() {
    if !IS_ENTERED.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    let _ = execute!(out, DisableMouseCapture, LeaveAlternateScreen, Show);
    let _ = out.flush();
    let _ = disable_raw_mode();
}

/// From here on a panic is told on the terminal as it was before. One of another thread waits until the one
/// that draws has left it.
fn leave_before_panics(panicked: &Arc<AtomicBool>, left: &Arc<AtomicBool>) {
    /// A thread that draws looks for panics many times a second.
    const WAIT: Duration = Duration::from_millis(20);
    /// Longer than this nobody waits for it.
    const MOST: usize = 100;
    let (panicked, left) = (Arc::clone(panicked), Arc::clone(left));
    let drawing: ThreadId = thread::current().id();
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if thread::current().id() == drawing {
            // It may be its turn.
            leave_now();
        } else {
            panicked.store(true, Ordering::SeqCst);
            for _ in 0..MOST {
                if left.load(Ordering::SeqCst) {
                    break;
                }
                thread::sleep(WAIT);
            }
        }
        before(info);
    }));
}
