mod apps;
mod encrypted;
mod faults;
mod reading;
mod remembering;
mod world;
