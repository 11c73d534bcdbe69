// Package ole reads compound files (MS-CFB), for the child process: Word and PowerPoint documents of 97 to 2003, mails of Outlook, and
// what is embedded in any of them. Of a compound file with contents that are not known its streams are read in order, each whole,
// so that sectors split no words.
package ole
