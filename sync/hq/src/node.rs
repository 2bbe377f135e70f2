//! The list of nodes that may connect: by key, because trust in a node ends the moment it is struck
//! off, whatever its certificate says.

use data_encoding::HEXLOWER_PERMISSIVE;
use ed25519_dalek::VerifyingKey;
use yadori_ledger::id::{NodeCode, NodeId, ShelterId, ShelterIdError};

use crate::ground::Peer;
use crate::hq::Hq;
use crate::store::{Db, StoreError, params, statements};

statements! {
    ADMIT = "insert into node (node, key, shelter, code, name, admitted_s) values ($1, $2, $3, $4, $5, $6)
             on conflict (node) do update set
                 shelter = excluded.shelter, code = excluded.code, name = excluded.name, revoked_s = null";
    CODE_TAKEN = "select node from node where code = $1 and node <> $2";
    REVOKE = "update node set revoked_s = $2 where node = $1 and revoked_s is null";
    ADMITTED = "select key, shelter from node where node = $1 and revoked_s is null";
    DIGEST = "update node set last_contact_s = $2, last_digest = $3, digest_s = $2 where node = $1";
    HEARD = "update node set last_contact_s = $2 where node = $1";
}

/// A node to be let in.
#[derive(Clone, Debug)]
pub struct NewNode {
    /// Its Ed25519 key.
    pub key: VerifyingKey,
    /// The shelter where it stands; must be on the list of shelters.
    pub shelter: ShelterId,
    /// What its cards begin with.
    pub code: NodeCode,
    /// What staff call it, such as `gym 1`.
    pub name: String,
}

#[derive(Debug, thiserror::Error)]
pub enum AdmitError {
    #[error(
        "another node has the code {0}; its cards could not be told apart, choose another code"
    )]
    CodeTaken(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an admission line was not taken.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    #[error(
        "a line is a key, a shelter's id, a code and a name; copy it from `yadori-provision node list`"
    )]
    Parts,
    #[error("the key is not 64 hex digits of a public key; copy the line again")]
    Key,
    #[error(transparent)]
    Shelter(#[from] ShelterIdError),
    #[error("a node's code is three letters and digits, such as K7F")]
    Code,
}

/// Reads the words of an admission line: key, shelter id, code, and a name of one or more words.
pub fn read_line(words: &[String]) -> Result<NewNode, LineError> {
    let [key, shelter, code, name @ ..] = words else {
        return Err(LineError::Parts);
    };
    if name.is_empty() {
        return Err(LineError::Parts);
    }
    let key = HEXLOWER_PERMISSIVE
        .decode(key.as_bytes())
        .map_err(|_| LineError::Key)?;
    let key: [u8; 32] = key.try_into().map_err(|_| LineError::Key)?;
    Ok(NewNode {
        key: VerifyingKey::from_bytes(&key).map_err(|_| LineError::Key)?,
        shelter: shelter.parse()?,
        code: code.parse().map_err(|_| LineError::Code)?,
        name: name.join(" "),
    })
}

/// Puts a node on the list, or changes what the list says of it.
pub async fn admit(db: &Db, new: &NewNode, now_s: i64) -> Result<NodeId, AdmitError> {
    let (id, code) = (NodeId::of(&new.key), new.code.to_string());
    let (node, code) = (id.as_bytes(), &code);
    db.write(|tx| async move {
        if tx.row(CODE_TAKEN, params![code, node]).await?.is_some() {
            return Err(AdmitError::CodeTaken(code.clone()));
        }
        let values = params![
            node,
            new.key.as_bytes(),
            new.shelter.as_str(),
            code,
            &new.name,
            now_s
        ];
        Ok(tx.run(ADMIT, values).await?)
    })
    .await?;
    Ok(id)
}

/// Strikes a node off: its next batch, even in a conversation under way, is not taken. `false`
/// when it was not on the list.
pub async fn revoke(db: &Db, node: NodeId, now_s: i64) -> Result<bool, StoreError> {
    let struck = db
        .write(|tx| async move { tx.run(REVOKE, params![node.as_bytes(), now_s]).await })
        .await?;
    Ok(struck == 1)
}

pub(crate) async fn admitted(hq: &Hq, node: NodeId) -> Result<Option<Peer>, StoreError> {
    let row = hq
        .db
        .read(|tx| async move { tx.row(ADMITTED, params![node.as_bytes()]).await })
        .await?;
    let Some(row) = row else { return Ok(None) };
    let key =
        VerifyingKey::from_bytes(&row.get("key")?).map_err(|_| StoreError::Damaged("node.key"))?;
    let shelter = row
        .get::<String>("shelter")?
        .parse()
        .map_err(|_| StoreError::Damaged("node.shelter"))?;
    Ok(Some(Peer { node, key, shelter }))
}

/// What the last conversation told about the two digests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Digest {
    Equal,
    Differs,
    /// The link ended before they were compared.
    Open,
}

/// Notes that a node was here, and how its digest stood.
pub(crate) async fn digest_told(hq: &Hq, node: NodeId, digest: Digest) -> Result<(), StoreError> {
    let (node, now_s) = (node.as_bytes(), hq.clock.now_s());
    let told = match digest {
        Digest::Equal => Some("equal"),
        Digest::Differs => Some("differs"),
        Digest::Open => None,
    };
    let noted = hq.db.write(|tx| async move {
        match told {
            Some(told) => tx.run(DIGEST, params![node, now_s, told]).await,
            None => tx.run(HEARD, params![node, now_s]).await,
        }
    });
    noted.await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_admission_line_is_read_as_it_was_printed() {
        let key = VerifyingKey::from_bytes(&[0; 32])
            .map(|_| "00".repeat(32))
            .unwrap();
        let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let new = read_line(&words(&format!("{key} E1310100001112 K7F 九段 小学校"))).unwrap();
        assert_eq!(
            (new.name.as_str(), new.shelter.as_str()),
            ("九段 小学校", "E1310100001112")
        );
        assert!(matches!(
            read_line(&words("ab E1310100001112 K7F x")),
            Err(LineError::Key)
        ));
        assert!(matches!(
            read_line(&words(&format!("{key} E1310100001112 K7F"))),
            Err(LineError::Parts)
        ));
    }
}
